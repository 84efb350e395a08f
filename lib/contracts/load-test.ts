import { z } from "zod";
import { MOST_RATE_PER_SECOND, MOST_STAGE_SECONDS } from "#lib/domain/load-test/stages.ts";

/** Load tests of endpoints: what people ask for, and what crosses between control plane and the runtime that carries one out. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const figure = z.number().nonnegative();

const agreed = {
  /** Requests a second that the endpoint is planned to answer; they are sent once, one and a half and two times as fast. */
  ratePerSecond: z.number("Give requests a second.").positive("Above 0.").max(MOST_RATE_PER_SECOND, `At most ${MOST_RATE_PER_SECOND}.`),
  /** Length of each of the three stages. */
  seconds: z.number("Give seconds.").int("Whole seconds.").min(2, "At least 2 seconds.").max(MOST_STAGE_SECONDS, `At most ${MOST_STAGE_SECONDS} seconds.`).default(10),
  /** p99 that a stage may have and still count as held; null: only failures, refusals and the rate decide. */
  latencyLimitMs: z.number("Give milliseconds.").positive("Above 0.").max(3_600_000).nullable().default(null),
};

export const createLoadTestBody = z.strictObject({
  ...agreed,
  /** Recorded requests of the Open Inference Protocol, sent in turn. Left out: the version's golden inputs, else ones made from its contract. */
  requests: z.array(z.looseObject({ inputs: z.array(z.unknown()).min(1) })).min(1).max(1000).nullable().default(null),
});

export const loadTestSettings = z.object({ ...agreed, requests: z.array(z.unknown()).nullable() });
export type LoadTestSettings = z.output<typeof loadTestSettings>;

export const requestSources = ["recorded", "golden", "generated"] as const;

/** A load test to carry out, with all that is needed. */
export const loadTestWork = z.object({
  loadTestId: z.uuid(),
  number: count,
  leaseToken: z.uuid(),
  leaseSeconds: z.number().int().positive(),
  endpointName: z.string(),
  versionId: z.uuid(),
  versionName: z.string(),
  ratePerSecond: z.number().positive(),
  seconds: z.number().positive(),
  factors: z.array(z.number().positive()).min(1).max(10),
  warmUpSeconds: z.number().nonnegative(),
  /** Bodies to send in turn. */
  requests: z.array(z.unknown()).min(1),
  source: z.enum(requestSources),
});
export type LoadTestWork = z.output<typeof loadTestWork>;

export const leaseLoadTestResponse = z.object({ work: loadTestWork.nullable() });

const stage = z.strictObject({
  factor: z.number().positive(),
  plannedPerSecond: z.number().positive(),
  seconds: z.number().positive(),
  sent: count,
  answered: count,
  refused: count,
  failed: count,
  late: count,
  reachedPerSecond: figure,
  latencyMsP50: figure.nullable(),
  latencyMsP95: figure.nullable(),
  latencyMsP99: figure.nullable(),
  frontCores: figure.nullable(),
  hostCores: figure.nullable(),
  peakMemoryBytes: count.nullable(),
});

export const loadTestReport = z.strictObject({
  runtimeName: z.string().max(63),
  /** Processor and number of cores of the machine. */
  hardware: z.string().max(300),
  source: z.enum(requestSources),
  /** Different ones, sent in turn. */
  requests: count,
  hosts: count,
  hostRestarts: count,
  stages: z.array(stage).min(1).max(10),
});
export type LoadTestReport = z.output<typeof loadTestReport>;

export const loadTestTick = z.strictObject({ bootId: z.uuid(), leaseToken: z.uuid(), sent: count });

export const loadTestResult = z.strictObject({
  bootId: z.uuid(),
  leaseToken: z.uuid(),
  /** Null: it could not be carried out; `problem` says why. */
  report: loadTestReport.nullable(),
  problem: z.string().max(1000).nullable(),
});
export type LoadTestResult = z.output<typeof loadTestResult>;
