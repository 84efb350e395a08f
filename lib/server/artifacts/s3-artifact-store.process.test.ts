import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { HAS_S3_SERVER, startS3Server, type S3Server, WITH_S3_SERVER } from "../s3/s3-server.fixture.ts";
import { removeIfThere } from "./files-on-disk.ts";
import { openArtifactStore } from "./open-artifact-store.ts";
import type { ArtifactStore } from "./artifact-store.ts";

let server: S3Server;
let bucket = "";
let hosts: string[] = [];
let buckets = 0;

beforeAll(async () => {
  if (HAS_S3_SERVER) server = await startS3Server();
}, 60_000);
afterAll(async () => {
  if (HAS_S3_SERVER) await server.stop();
});
beforeEach(async () => {
  if (!HAS_S3_SERVER) return;
  buckets += 1;
  bucket = `artifacts-${String(buckets)}`;
  await server.client.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterEach(() => {
  for (const directory of hosts) rmSync(directory, { recursive: true, force: true });
  hosts = [];
});

/** The store as one more host of the installation has it. */
async function host(where = bucket): Promise<ArtifactStore & { directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-host-"));
  hosts.push(directory);
  const place = { bucket: where, prefix: "models/", region: "us-east-1", endpoint: server.endpoint };
  return { ...(await openArtifactStore({ artifactDirectory: directory, artifactS3: { place, copiesBytes: 1 } })), directory };
}
const stage = (store: ArtifactStore, text: string) => store.stage(Readable.from([Buffer.from(text)]), { maxBytes: 1000, name: "model", pointer: "/model" });
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const keyOf = (digest: string) => `models/sha256/${digest.slice(7, 9)}/${digest.slice(9, 11)}/${digest.slice(7)}`;
const keys = async () => ((await server.client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) => Key);

const it = test.skipIf(!HAS_S3_SERVER);

it(`what one host keeps another one reads, whole, in part and as a file ${WITH_S3_SERVER}`, async () => {
  const [one, other] = [await host(), await host()];
  const staged = await stage(one, "weights of a model");
  expect(await keys()).toEqual([]);
  expect(await other.has(staged.digest)).toBe(false);
  expect(await staged.keep()).toEqual({ created: true });

  expect(await keys()).toEqual([keyOf(digestOf("weights of a model"))]);
  expect(await other.sizeOf(staged.digest)).toBe(18);
  expect(String(await buffer((await other.open(staged.digest)) ?? Readable.from([])))).toBe("weights of a model");
  expect(String(await buffer((await other.open(staged.digest, { start: 8, end: 9 })) ?? Readable.from([])))).toBe("of");
  const path = await other.localPath(staged.digest);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["weights of a model", 0o400]);
  expect(await (await stage(other, "weights of a model")).keep()).toEqual({ created: false });
});

it(`what is discarded never reaches the bucket, and what nobody has is absent ${WITH_S3_SERVER}`, async () => {
  const store = await host();
  await (await stage(store, "thrown away")).discard();
  expect(await keys()).toEqual([]);
  expect(await store.open(digestOf("nobody"))).toBeNull();
  await expect(store.localPath(digestOf("nobody"))).rejects.toMatchObject({ code: "not_found" });
});

it(`a bucket that refuses is told as such, and the same file can be kept later ${WITH_S3_SERVER}`, async () => {
  const store = await host("not-made-yet");
  const staged = await stage(store, "weights");
  await expect(staged.keep()).rejects.toMatchObject({ code: "upstream_unavailable", hint: expect.stringContaining("SLIPWAY_ARTIFACT_S3") as string });
  await staged.discard();
  await server.client.send(new CreateBucketCommand({ Bucket: "not-made-yet" }));
  expect(await (await stage(store, "weights")).keep()).toEqual({ created: true });
});

it(`the sweep removes what nothing names and is old enough, for every host ${WITH_S3_SERVER}`, async () => {
  const store = await host();
  for (const text of ["named", "forgotten"]) await (await stage(store, text)).keep();
  const isNamed = (digest: string) => Promise.resolve(digest === digestOf("named"));
  expect(await store.sweep(isNamed, 3_600_000)).toBe(0);
  expect(await store.sweep(isNamed, -1)).toBe(1);
  expect(await keys()).toEqual([keyOf(digestOf("named"))]);
});

it(`an object that was replaced is found by the scrub and never given out as a file ${WITH_S3_SERVER}`, async () => {
  const store = await host();
  for (const text of ["sound one", "sound two", "damaged"]) await (await stage(store, text)).keep();
  await server.client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(digestOf("damaged")), Body: "other bytes" }));
  expect(await store.scrub(1000)).toEqual({ checked: 3, bytes: 29, damaged: [digestOf("damaged")] });

  // A part each time: after as many looks as files, every file was looked at.
  const again = await host();
  const seen = [await again.scrub(1), await again.scrub(1), await again.scrub(1)];
  expect(seen.map(({ checked }) => checked)).toEqual([1, 1, 1]);
  expect(seen.flatMap(({ damaged }) => damaged)).toEqual([digestOf("damaged")]);
  await expect(again.localPath(digestOf("damaged"))).rejects.toMatchObject({ code: "upstream_unavailable" });
});

it(`a host that lost its copies fetches them again ${WITH_S3_SERVER}`, async () => {
  const store = await host();
  const staged = await stage(store, "weights");
  await staged.keep();
  await removeIfThere(await store.localPath(staged.digest));
  expect(readFileSync(await store.localPath(staged.digest), "utf8")).toBe("weights");
});
