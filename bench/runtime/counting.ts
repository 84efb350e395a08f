import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { compileChecker } from "#runtime/versions/contract-checker.ts";
import { compileSignature } from "#runtime/oip/signature-spec.ts";
import { createClassNames, NO_CLASS } from "#runtime/telemetry/class-names.ts";
import { createTelemetry } from "#runtime/telemetry/telemetry.ts";
import { openContract, tensor } from "#runtime/testing/desired.ts";
import { spreadOf, type Figure } from "./statistics.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";

const FEATURES = 100;
const REQUESTS = 20_000;
const BINS = 20;

/**
 * 4. What routing, contract and counting cost a request of 100 features with 20 bins each, in this process and nothing else running in it:
 * the very functions that the runtime calls for each request, in its order.
 */
export function benchCounting(rounds: number, requestsPerSecond: number | null): Figure[] {
  const signature = {
    inputs: [tensor("x", "FP32", ["N", FEATURES])],
    outputs: [tensor("score", "FP32", ["N"])],
  };
  const spec = compileSignature(signature);
  const template = openContract(signature).fields[0];
  if (template === undefined) throw new Error("The contract has no field.");
  const contract: InputContract = {
    fields: Array.from({ length: FEATURES }, (_, column) => ({
      ...template,
      field: `f${column}`,
      column,
      range: { min: 0, max: 1 },
    })),
  };
  const check = compileChecker(contract, signature);
  const telemetry = createTelemetry({
    predictionsKept: 65_536,
    keysPerRelease: 1_000_000,
    now: Date.now,
  });
  const edges = Array.from({ length: BINS + 1 }, (_, edge) => edge / BINS);
  telemetry.setBaselines([
    {
      versionId: "v",
      binsHash: `sha256:${"0".repeat(64)}`,
      features: contract.fields.map(({ field, column }) => ({
        kind: "numeric",
        name: field,
        tensor: "x",
        column,
        edges,
        baseline: Array<number>(BINS).fill(100),
      })),
      outputs: [
        { kind: "numeric", name: "score", tensor: "score", column: null, edges, baseline: null },
      ],
      oodThresholdBits: 8,
    },
  ]);
  const subject = {
    endpointId: "e",
    versionId: "v",
    arm: "stable",
    releaseId: "r",
    epoch: 1,
    windowSeconds: 3600,
    latencyThresholdsUs: { p95: 5000, p99: 10_000 },
  } as const;
  const book = telemetry.openBook(subject, createClassNames(), true, spec);
  const data = Float32Array.from(
    { length: FEATURES },
    (_, index) => ((index * 7919) % 1000) / 1000,
  );
  const inputs = [
    { name: "x", datatype: "FP32" as const, shape: [1, FEATURES], data, nulls: null },
  ];
  const outputs = [
    {
      name: "score",
      datatype: "FP32" as const,
      shape: [1],
      data: Float32Array.of(0.4),
      nulls: null,
    },
  ];
  const once = (request: number): void => {
    const key = `key-${request % 5000}`;
    bucketOf("salt", key);
    telemetry.scanInputs(book, inputs);
    check(inputs);
    telemetry.commitInputs(book);
    const score = telemetry.countOutputs(book, outputs, null);
    telemetry.countAnswer(book, 900, false, telemetry.hashKey(key), NO_CLASS, score);
    telemetry.countTimes(book, 100, 50);
  };
  for (let request = 0; request < REQUESTS; request += 1) once(request);
  const means: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Processor time: what neighbours on the machine take is not ours.
    const before = process.cpuUsage();
    for (let request = 0; request < REQUESTS; request += 1) once(request);
    const { user, system } = process.cpuUsage(before);
    means.push((user + system) / REQUESTS);
  }
  const mean = spreadOf(means);
  const figures: Figure[] = [
    {
      name: "routing, contract and counting, 100 features",
      unit: "us/request",
      value: mean,
      wanted: "under 5",
      isMet: mean.median < 5,
    },
  ];
  if (requestsPerSecond === null) return figures;
  const share = spreadOf(means.map((us) => (us * requestsPerSecond) / 1e6));
  figures.push({
    name: "their share of one core at the JSON figure's rate",
    unit: "ratio",
    value: share,
    wanted: "at most 0.10 for 30 features; these are 100",
    isMet: null,
  });
  return figures;
}
