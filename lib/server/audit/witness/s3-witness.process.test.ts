import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { CreateBucketCommand, DeleteObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseWitnesses } from "./parse-witnesses.ts";
import { checkpointFileName, type Witness } from "./witness.ts";

const MOTO = process.env["SLIPWAY_MOTO_SERVER"] ?? "moto_server";
const hasServer = (() => {
  try {
    execFileSync(MOTO, ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const BUCKET = "audit-checkpoints";
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
const DAY_MS = 86_400_000;

let server: ChildProcess;
let client: S3Client;
let witness: Witness;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

beforeAll(async () => {
  if (!hasServer) return;
  Object.assign(process.env, CREDENTIALS);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  server = spawn(MOTO, ["-H", "127.0.0.1", "-p", String(port)], { stdio: ["ignore", "ignore", "pipe"] });
  client = new S3Client({ region: "us-east-1", endpoint, forcePathStyle: true, maxAttempts: 60 });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  const parsed = parseWitnesses(`archive=s3://${BUCKET}/slipway?lockDays=30&endpoint=${encodeURIComponent(endpoint)}`);
  if ("problem" in parsed || parsed[0] === undefined) throw new Error("The setting was refused.");
  witness = parsed[0];
}, 60_000);
afterAll(async () => {
  if (!hasServer) return;
  client.destroy();
  server.kill("SIGTERM");
  await once(server, "exit");
});

const WHEN = "(skipped without an S3 server with object lock: pip install 'moto[server]', SLIPWAY_MOTO_SERVER=/path/to/moto_server)";
const checkpoint = (size: number) => ({ size, root: Buffer.alloc(32, size % 250), note: `slipway.local/one\n${String(size)}\n\n— a signature\n` });

test.skipIf(!hasServer)(`hands over once, locked for the time that was asked, and reads back in order ${WHEN}`, async () => {
  for (const size of [300, 9, 1_000_000]) await witness.hand(checkpoint(size));
  await witness.hand(checkpoint(300));
  expect(await witness.held(100)).toEqual([9, 300, 1_000_000].map((size) => checkpoint(size).note));
  const Key = `slipway/${checkpointFileName(checkpoint(300))}`;
  const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
  expect(head.ObjectLockMode).toBe("COMPLIANCE");
  const days = ((head.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()) / DAY_MS;
  expect(days).toBeGreaterThan(29);
  expect(days).toBeLessThan(31);
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: Key }));
  await expect(client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId: Versions?.[0]?.VersionId }))).rejects.toThrow();
});

test.skipIf(!hasServer)(`does not take a name for kept that holds another text ${WHEN}`, async () => {
  const other = checkpoint(77);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `slipway/${checkpointFileName(other)}`, Body: "forged" }));
  await expect(witness.hand(other)).rejects.toThrow("with another text");
});

test.skipIf(!hasServer)(`shows the newest and a spread of the older where there are many ${WHEN}`, async () => {
  for (let size = 2_000; size < 2_040; size += 1) await witness.hand(checkpoint(size));
  const sizes = ((await witness.held(20)) ?? []).map((note) => Number(note.split("\n")[1]));
  expect(sizes).toHaveLength(20);
  expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  expect(sizes.at(-1)).toBe(1_000_000);
});
