import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import {
  DigestError,
  openArtifactStore,
  type ArtifactStore,
  type OpenArtifact,
} from "./artifact-store.ts";

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const never = new AbortController().signal;

let directory: string;
let store: ArtifactStore;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-store-"));
  store = await openArtifactStore(directory);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function versionOf(files: Readonly<Record<string, Buffer>>): DesiredVersion {
  return {
    versionId: "v",
    modelName: "m",
    versionName: "1",
    digest: digestOf(
      Buffer.from(Object.keys(files).join() + Object.values(files).map(digestOf).join()),
    ),
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      digest: digestOf(bytes),
      sizeBytes: bytes.length,
    })),
    signature: {},
    contract: {},
    golden: [],
    session: { intraOpThreads: 1, hosts: 1, memoryLimitBytes: null, timeoutMs: 1000 },
    labelOutput: null,
  };
}

/** Serves bytes in pieces of 1000; notes the offsets asked for; may end early once. */
function sourceOf(files: Readonly<Record<string, Buffer>>, endAfter = Number.POSITIVE_INFINITY) {
  const offsets: number[] = [];
  let left = endAfter;
  const open: OpenArtifact = (digest, offset) => {
    offsets.push(offset);
    const bytes = Object.values(files).find((one) => digestOf(one) === digest) ?? Buffer.alloc(0);
    const pieces = async function* () {
      for (let at = offset; at < bytes.length; at += 1000) {
        if (at >= left) {
          left = Number.POSITIVE_INFINITY;
          throw new Error("The line broke.");
        }
        yield bytes.subarray(at, at + 1000);
      }
    };
    return Promise.resolve({ offset, body: pieces() });
  };
  return { open, offsets };
}

describe("the store of artifacts", () => {
  it("holds a version's files and nothing else, and asks for them once", async () => {
    const files = {
      "model.onnx": randomBytes(5500),
      "weights.bin": randomBytes(10),
      "empty.txt": Buffer.alloc(0),
    };
    const source = sourceOf(files);
    const place = await store.ensure(versionOf(files), source.open, never);
    expect(readdirSync(place).sort()).toEqual(Object.keys(files).sort());
    for (const [name, bytes] of Object.entries(files))
      expect(readFileSync(path.join(place, name))).toEqual(bytes);
    const again = await store.ensure(versionOf(files), source.open, never);
    expect(again).toBe(place);
    expect(source.offsets).toHaveLength(3);
  });

  it("continues where a broken transfer ended", async () => {
    const files = { "model.onnx": randomBytes(5500) };
    const source = sourceOf(files, 3000);
    await expect(store.ensure(versionOf(files), source.open, never)).rejects.toThrow(
      "The line broke.",
    );
    await store.ensure(versionOf(files), source.open, never);
    expect(source.offsets).toEqual([0, 3000]);
  });

  it("refuses bytes with another digest, and forgets them", async () => {
    const files = { "model.onnx": randomBytes(2000) };
    const other: OpenArtifact = () =>
      Promise.resolve({
        offset: 0,
        body: (async function* () {
          yield randomBytes(2000);
        })(),
      });
    await expect(store.ensure(versionOf(files), other, never)).rejects.toThrow(DigestError);
    await store.ensure(versionOf(files), sourceOf(files).open, never);
  });

  it("fetches again what was changed on disk, or has a second name, and never trusts a name that leads elsewhere", async () => {
    const files = { "model.onnx": randomBytes(2000) };
    const source = sourceOf(files);
    const place = await store.ensure(versionOf(files), source.open, never);
    writeFileSync(path.join(place, "model.onnx"), Buffer.alloc(2000));
    await store.ensure(versionOf(files), source.open, never);
    linkSync(path.join(place, "model.onnx"), path.join(directory, "second-name"));
    await store.ensure(versionOf(files), source.open, never);
    expect(source.offsets).toHaveLength(3);
    await expect(
      store.ensure(versionOf({ "..": Buffer.alloc(1) }), source.open, never),
    ).rejects.toThrow("is no file name");
  });

  it("downloads a version once for two who want it at the same time", async () => {
    const files = { "model.onnx": randomBytes(4000) };
    const source = sourceOf(files);
    const places = await Promise.all([
      store.ensure(versionOf(files), source.open, never),
      store.ensure(versionOf(files), source.open, never),
    ]);
    expect(places[0]).toBe(places[1]);
    expect(source.offsets).toHaveLength(1);
  });

  it("keeps what is wanted and the newest eight of the rest", async () => {
    const versions: DesiredVersion[] = [];
    for (let n = 0; n < 12; n += 1) {
      const files = { "model.onnx": randomBytes(10) };
      versions.push(versionOf(files));
      await store.ensure(versions[n]!, sourceOf(files).open, never);
    }
    await store.prune(new Set([versions[0]!.digest]));
    const kept = readdirSync(directory);
    expect(kept).toHaveLength(9);
    expect(kept).toContain(versions[0]!.digest.replace(":", "-"));
  });
});
