import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Pool } from "../model-host/pool.ts";
import { markedSignature, openContract, tensor } from "../testing/desired.ts";
import { batchAwareModel, lookupModel, markedModel } from "../testing/onnx-model.ts";
import { tuneBatching } from "./batching.ts";
import { planVersion, poolFor, sampleInputs, type VersionPlan } from "./load-version.ts";

const TOGETHER = { maxRows: 64, fullMessage: 8, maxDelayUs: 0 };

let directory: string;
let pool: Pool | null = null;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-batching-"));
});
afterEach(async () => {
  await pool?.close();
  await rm(directory, { recursive: true, force: true });
});

async function load(
  model: Buffer,
  signature: ModelSignature,
): Promise<{ plan: VersionPlan; pool: Pool }> {
  await writeFile(path.join(directory, "model.onnx"), model);
  const version: DesiredVersion = {
    versionId: "v1",
    modelName: "m",
    versionName: "1.0.0",
    digest: `sha256:${"0".repeat(64)}`,
    files: [{ name: "model.onnx", digest: `sha256:${"0".repeat(64)}`, sizeBytes: model.length }],
    signature,
    contract: openContract(signature),
    golden: [],
    session: { intraOpThreads: 1, hosts: 1, memoryLimitBytes: null, timeoutMs: 5000 },
    labelOutput: null,
  };
  const plan = planVersion(version);
  pool = poolFor(
    plan,
    directory,
    { hosts: 1, niceness: 0, onSpawn: () => undefined },
    { onCrash: () => undefined, onCrashLoop: () => undefined },
  );
  await pool.start();
  return { plan, pool };
}

const row = (values: readonly number[]) => [
  { datatype: "FP32" as const, shape: [1, values.length], data: Float32Array.from(values) },
];

describe("batching", () => {
  it("answers requests that ran together exactly as requests that ran alone", async () => {
    const { pool: loaded } = await load(markedModel(3, 2, 10), markedSignature);
    const inputs = Array.from({ length: 40 }, (_, n) => row([n, -2, 0.5, 0]));
    const alone = await Promise.all(inputs.map((one) => loaded.run(one)));
    loaded.feed(TOGETHER);
    const together = await Promise.all(inputs.map((one) => loaded.run(one)));
    const answers = (outcomes: typeof alone) =>
      outcomes.map((outcome) => (outcome.ok ? outcome.outputs : outcome.error));
    expect(answers(together)).toEqual(answers(alone));
  });

  it("is never used for a model whose answer to a row depends on its neighbours", async () => {
    const signature = {
      inputs: [tensor("x", "FP32", ["N", 2])],
      outputs: [tensor("y", "FP32", ["N", 2])],
    };
    const { plan, pool: loaded } = await load(batchAwareModel(), signature);
    expect(await tuneBatching(plan, loaded, sampleInputs(plan))).toBeNull();
    expect(loaded.stats().isBatching).toBe(false);
  });

  it("lets one poisoned request fail alone", async () => {
    const signature = {
      inputs: [tensor("index", "INT64", ["N"])],
      outputs: [tensor("y", "FP32", ["N"])],
    };
    const { pool: loaded } = await load(lookupModel(), signature);
    loaded.feed(TOGETHER);
    const outcomes = await Promise.all(
      [0, 1, 99, 2, 0].map((index) =>
        loaded.run([{ datatype: "INT64", shape: [1], data: BigInt64Array.of(BigInt(index)) }]),
      ),
    );
    expect(
      outcomes.map((outcome) => (outcome.ok ? outcome.outputs[0]?.data[0] : outcome.error.status)),
    ).toEqual([10, 20, 500, 30, 10]);
  });
});
