import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import type { StageTerms } from "./artifact-store.ts";
import { type LocalArtifactStore, openLocalArtifactStore } from "./local-artifact-store.ts";

let directory = "";
let store: LocalArtifactStore;
const GIB = 1024 ** 3;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-artifacts-"));
  store = await openLocalArtifactStore({ directory, freeBytes: () => Promise.resolve(100 * GIB) });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const terms = (more: Partial<StageTerms> = {}): StageTerms => ({
  maxBytes: 1000,
  name: "The model",
  pointer: "/model",
  ...more,
});
async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}
const digestOf = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;
const staging = (): Promise<string[]> => readdir(join(directory, "staging"));

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

test("bytes are in the store under their digest once kept, read-only, and not before", async () => {
  const staged = await store.stage(chunks("hel", "lo"), terms());
  expect(staged).toMatchObject({ digest: digestOf("hello"), sizeBytes: 5 });
  expect(await readFile(staged.path, "utf8")).toBe("hello");
  expect(await store.has(staged.digest)).toBe(false);
  expect(await staged.keep()).toEqual({ created: true });
  expect(await store.has(staged.digest)).toBe(true);
  const hex = staged.digest.slice(7);
  expect(store.path(staged.digest)).toBe(
    join(directory, "sha256", hex.slice(0, 2), hex.slice(2, 4), hex),
  );
  expect(((await stat(store.path(staged.digest))).mode & 0o777).toString(8)).toBe("400");
  expect(await staging()).toEqual([]);
});

test("the same bytes again are not stored twice", async () => {
  await (await store.stage(chunks("same"), terms())).keep();
  const again = await store.stage(chunks("sa", "me"), terms());
  expect(await again.keep()).toEqual({ created: false });
  expect(await again.keep()).toEqual({ created: false });
  expect(await store.sizeOf(again.digest)).toBe(4);
  expect(await staging()).toEqual([]);
});

test("what is discarded leaves nothing, and cannot be kept", async () => {
  const staged = await store.stage(chunks("hello"), terms());
  await staged.discard();
  await staged.discard();
  expect(await staging()).toEqual([]);
  await expect(staged.keep()).rejects.toThrow("discarded");
  const kept = await store.stage(chunks("hello"), terms());
  await kept.keep();
  await kept.discard();
  expect(await store.has(kept.digest)).toBe(true);
});

test("an upload past the limit is refused at that byte and leaves nothing", async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += 1;
      yield await Promise.resolve(Buffer.alloc(300));
    }
  }
  const error = await refusal(store.stage(endless(), terms()));
  expect([error.code, error.errors]).toEqual([
    "payload_too_large",
    [{ pointer: "/model", message: "At most 1000 bytes." }],
  ]);
  expect(taken).toBe(4);
  expect(await staging()).toEqual([]);
  expect((await store.stage(chunks("x".repeat(1000)), terms())).sizeBytes).toBe(1000);
});

test("another digest than the declared one is refused", async () => {
  const declaredDigest = digestOf("hello");
  await expect(store.stage(chunks("hello"), terms({ declaredDigest }))).resolves.toMatchObject({
    digest: declaredDigest,
  });
  const error = await refusal(store.stage(chunks("hullo"), terms({ declaredDigest })));
  expect(error.code).toBe("invalid_input");
  expect(error.message).toContain(`not as ${declaredDigest}`);
  expect(await staging()).toHaveLength(1);
});

test("a stream that breaks off leaves nothing", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from("half"));
    throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  }
  expect((await refusal(store.stage(broken(), terms()))).code).toBe("malformed_request");
  expect(await staging()).toEqual([]);
});

test("uploads stop at the free-space floor: at once when the size is declared, else while they run", async () => {
  const declared = await openLocalArtifactStore({
    directory,
    freeSpaceFloorBytes: 2 * GIB,
    freeBytes: () => Promise.resolve(2 * GIB + 50),
  });
  expect((await refusal(declared.stage(chunks("x"), terms({ declaredBytes: 51 })))).code).toBe(
    "insufficient_storage",
  );
  await expect(declared.stage(chunks("x"), terms({ declaredBytes: 50 }))).resolves.toBeDefined();
  let free = 3 * GIB;
  const filling = await openLocalArtifactStore({
    directory,
    freeSpaceFloorBytes: 2 * GIB,
    freeBytes: () => Promise.resolve(free),
  });
  const block = Buffer.alloc(16 * 1024 * 1024);
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < 12; index += 1) {
      free -= GIB / 4;
      yield await Promise.resolve(block);
    }
  }
  const error = await refusal(filling.stage(stream(), terms({ maxBytes: GIB })));
  expect([error.code, error.hint]).toEqual([
    "insufficient_storage",
    expect.stringContaining("SLIPWAY_ARTIFACT_DIR"),
  ]);
  expect(free).toBe(GIB);
  expect(await staging()).toHaveLength(1);
});

test("a range is read from the middle, and what is not there answers null", async () => {
  const { digest, keep } = await store.stage(chunks("0123456789"), terms());
  await keep();
  const read = async (range?: { start: number; end: number }): Promise<string> => {
    const stream = await store.open(digest, range);
    return stream === null ? "" : Buffer.concat(await stream.toArray()).toString();
  };
  expect(await read()).toBe("0123456789");
  expect(await read({ start: 3, end: 5 })).toBe("345");
  expect(await store.open(digestOf("other"))).toBeNull();
  expect(await store.sizeOf(digestOf("other"))).toBeNull();
});

test("only a digest becomes a path", () => {
  for (const text of [
    "",
    "sha256:../../etc/passwd",
    "sha256:ABC",
    `sha256:${"a".repeat(63)}`,
    `md5:${"a".repeat(64)}`,
    `sha256:${"a".repeat(64)}/x`,
  ]) {
    expect(() => store.path(text)).toThrow("not an artifact digest");
  }
});

test("at start, what dead processes left in staging is removed and what live ones write is not", async () => {
  const mine = await store.stage(chunks("mine"), terms());
  const [name] = await staging();
  const host = name!.split("-")[0]!;
  const deadPid = 2 ** 22 + 1;
  const files = {
    dead: `${host}-${deadPid}-${randomUUID()}`,
    other: `0123456789ab-1-${randomUUID()}`,
    old: `0123456789ab-2-${randomUUID()}`,
  };
  for (const file of Object.values(files)) await writeFile(join(directory, "staging", file), "x");
  const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);
  await utimes(join(directory, "staging", files.old), twoDaysAgo, twoDaysAgo);
  await openLocalArtifactStore({ directory });
  expect((await staging()).sort()).toEqual([name, files.other].sort());
  await mine.keep();
  expect(await store.has(mine.digest)).toBe(true);
});

test("a sweep removes what nothing names and nobody kept lately", async () => {
  const put = async (text: string): Promise<string> => {
    const staged = await store.stage(chunks(text), terms());
    await staged.keep();
    return staged.digest;
  };
  const [named, unnamed, recent, again] = [
    await put("named"),
    await put("unnamed"),
    await put("recent"),
    await put("again"),
  ];
  const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);
  for (const digest of [named, unnamed, again])
    await utimes(store.path(digest), twoDaysAgo, twoDaysAgo);
  await put("again");
  expect(await store.sweep((digest) => Promise.resolve(digest === named), 24 * 3600 * 1000)).toBe(
    1,
  );
  expect(
    await Promise.all([named, unnamed, recent, again].map((digest) => store.has(digest))),
  ).toEqual([true, false, true, true]);
});
