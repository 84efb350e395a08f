import { CreateBucketCommand, DeleteObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HAS_S3_SERVER, startS3Server, type S3Server, WITH_S3_SERVER } from "../../s3/s3-server.fixture.ts";
import { parseWitnesses } from "./parse-witnesses.ts";
import { checkpointFileName, type Witness } from "./witness.ts";

const BUCKET = "audit-checkpoints";
const DAY_MS = 86_400_000;

let server: S3Server;
let client: S3Client;
let witness: Witness;

beforeAll(async () => {
  if (!HAS_S3_SERVER) return;
  server = await startS3Server();
  client = server.client;
  await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  const parsed = parseWitnesses(`archive=s3://${BUCKET}/slipway?lockDays=30&endpoint=${encodeURIComponent(server.endpoint)}`);
  if ("problem" in parsed || parsed[0] === undefined) throw new Error("The setting was refused.");
  witness = parsed[0];
}, 60_000);
afterAll(async () => {
  if (HAS_S3_SERVER) await server.stop();
});

const checkpoint = (size: number) => ({ size, root: Buffer.alloc(32, size % 250), note: `slipway.local/one\n${String(size)}\n\n— a signature\n` });

test.skipIf(!HAS_S3_SERVER)(`hands over once, locked for the time that was asked, and reads back in order ${WITH_S3_SERVER}`, async () => {
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

test.skipIf(!HAS_S3_SERVER)(`does not take a name for kept that holds another text ${WITH_S3_SERVER}`, async () => {
  const other = checkpoint(77);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `slipway/${checkpointFileName(other)}`, Body: "forged" }));
  await expect(witness.hand(other)).rejects.toThrow("with another text");
});

test.skipIf(!HAS_S3_SERVER)(`shows the newest and a spread of the older where there are many ${WITH_S3_SERVER}`, async () => {
  for (let size = 2_000; size < 2_040; size += 1) await witness.hand(checkpoint(size));
  const sizes = ((await witness.held(20)) ?? []).map((note) => Number(note.split("\n")[1]));
  expect(sizes).toHaveLength(20);
  expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  expect(sizes.at(-1)).toBe(1_000_000);
});
