import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readZipIndex } from "#lib/domain/artifact/archive/zip-index.ts";
import { inspectOnnxBytes } from "#lib/domain/artifact/inspect-onnx.ts";
import { inspectPickleBytes } from "#lib/domain/artifact/pickle/inspect-pickle.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { runReadingOnBytes } from "#lib/domain/artifact/run-reading.ts";
import { inspectSavedModelBytes } from "#lib/domain/artifact/savedmodel/inspect-savedmodel.ts";
import { inspectPmmlStream } from "../inspect-pmml-file.ts";
import { readArtifactFile } from "../read-artifact-file.ts";
import { hostileDocuments, hostileSavedModels } from "./hostile-others.fixture.ts";
import { hostilePickles } from "./hostile-pickles.fixture.ts";
import { savedModel } from "./savedmodel-builder.fixture.ts";

const FULL = process.env["SLIPWAY_TEST_FULL"] === "1";
const ROUNDS = FULL ? 100_000 : 1500;
const FILE_ROUNDS = FULL ? 3000 : 100;
const MOST_MS = 2000;
const MOST_BYTES = 256 * 1024 * 1024;

const corpus = (pattern: RegExp): Uint8Array[] =>
  readdirSync(import.meta.dirname)
    .filter((name) => pattern.test(name))
    .map((name) => new Uint8Array(readFileSync(join(import.meta.dirname, name))));
const bytesOf = (hostile: readonly { readonly bytes: Uint8Array }[]): Uint8Array[] => hostile.map(({ bytes }) => bytes).filter(({ length }) => length > 0 && length < 20_000);

/** mulberry32: a small generator with a fixed seed, so that a failure can be found again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Flips, cuts, repeats, and numbers at their edges, one to eight of them. */
function mutated(seeds: readonly Uint8Array[], next: () => number): Uint8Array {
  const pick = (below: number): number => Math.floor(next() * below);
  let bytes = Uint8Array.from(seeds[pick(seeds.length)] ?? []);
  for (let left = 1 + pick(8); left > 0 && bytes.length > 0; left -= 1) {
    const at = pick(bytes.length);
    switch (pick(5)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at, at + 1 + pick(64)), ...bytes.subarray(at)]);
        break;
      default:
        bytes.fill([0, 0x7f, 0x80, 0xff][pick(4)] ?? 0, at, at + 1 + pick(8));
    }
  }
  return bytes;
}

async function attack(seeds: readonly Uint8Array[], seed: number, inspect: (bytes: Uint8Array) => unknown): Promise<{ slowestMs: number; grownBytes: number }> {
  const next = random(seed);
  const before = process.memoryUsage().rss;
  let slowestMs = 0;
  let peak = before;
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = mutated(seeds, next);
    const started = performance.now();
    try {
      await inspect(bytes);
    } catch (error) {
      if (!(error instanceof RefusedArtifact)) throw new Error(`round ${round}: ${Buffer.from(bytes).toString("base64").slice(0, 4000)}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
    if (round % 500 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }
  return { slowestMs, grownBytes: Math.max(peak, process.memoryUsage().rss) - before };
}

const surroundings = { sizeBytes: 0, container: "file", files: null } as const;

describe(`each inspector survives ${ROUNDS} mutated inputs without a crash, a hang or a heap of memory`, { timeout: FULL ? 1_800_000 : 120_000 }, () => {
  test.each([
    ["pickle", [...corpus(/\.(pkl|joblib)$/), ...bytesOf(hostilePickles)], (bytes: Uint8Array) => inspectPickleBytes(bytes)],
    ["PMML", [...corpus(/\.pmml$/), ...bytesOf(hostileDocuments)], (bytes: Uint8Array) => inspectPmmlStream([bytes], bytes.length)],
    ["SavedModel", [savedModel(), savedModel({ functions: { f: ["ReadFile"] } })], (bytes: Uint8Array) => inspectSavedModelBytes(bytes, surroundings)],
    ["zip", corpus(/\.zip$/).concat(bytesOf(hostileSavedModels).filter((bytes) => bytes[0] === 0x50)), (bytes: Uint8Array) => runReadingOnBytes(readZipIndex(bytes.length), bytes)],
    ["ONNX", corpus(/\.onnx$/), (bytes: Uint8Array) => inspectOnnxBytes(bytes)],
  ] as const)("%s", async (name, seeds, inspect) => {
    const { slowestMs, grownBytes } = await attack(seeds, 20261129, inspect);
    expect({ name, isQuick: slowestMs < MOST_MS, isSmall: grownBytes < MOST_BYTES }).toEqual({ name, isQuick: true, isSmall: true });
  });
});

describe("whole files", { timeout: FULL ? 600_000 : 120_000 }, () => {
  let scratch = "";
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "slipway-fuzz-"));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  test("archives and compressed pickles are read or refused, and nothing is written", async () => {
    const seeds = corpus(/\.(tgz|zip|joblib)$/);
    const next = random(7);
    const path = join(scratch, "artifact");
    for (let round = 0; round < FILE_ROUNDS; round += 1) {
      const bytes = mutated(seeds, next);
      await writeFile(path, bytes);
      const started = performance.now();
      await readArtifactFile(path).catch((error: unknown) => {
        if (!(error instanceof RefusedArtifact)) throw new Error(`round ${round}: ${Buffer.from(bytes).toString("base64").slice(0, 6000)}`, { cause: error });
      });
      expect(performance.now() - started).toBeLessThan(MOST_MS);
    }
    expect(await readdir(scratch)).toEqual(["artifact"]);
  });
});
