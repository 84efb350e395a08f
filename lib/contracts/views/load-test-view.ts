import { z } from "zod";
import { loadTestReport } from "#lib/contracts/load-test.ts";
import { runtimeConfiguration } from "#lib/contracts/runtime-configuration.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

export const loadTestStates = ["waiting", "running", "succeeded", "failed", "cancelled"] as const;

export const loadTestView = z.object({
  number: count,
  endpointName: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  state: z.enum(loadTestStates),
  say: z.string(),
  ratePerSecond: z.number(),
  seconds: z.number(),
  latencyLimitMs: z.number().nullable(),
  /** Requests sent so far, and how many it will be. */
  sent: count,
  toSend: count,
  /** Null until it is through. */
  passed: z.boolean().nullable(),
  /** The largest multiple of the planned rate up to which everything held; null until it is through. */
  headroom: z.number().nullable(),
  /** Nothing above it was tried: it may be more. */
  isOpenEnded: z.boolean(),
  /** What kept it from passing. */
  faults: z.array(z.string()),
  problem: z.string().nullable(),
  report: loadTestReport.nullable(),
  /** The limits it was run with, and whether they are still those of the endpoint. */
  limits: z.object({ configuration: runtimeConfiguration, digest: z.string(), areCurrent: z.boolean() }),
  /** Until when it counts as evidence; null: it is none. */
  evidenceExpiresAt: instant.nullable(),
  createdBy: z.string(),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  mayCancel: openAct,
});
export type LoadTestView = z.output<typeof loadTestView>;

/** GET /api/v1/endpoints/{endpoint}/load-tests: newest first, and what a form for another one needs. */
export const loadTestListView = z.object({
  asOf: instant,
  endpointName: z.string(),
  environmentName: z.string(),
  stableVersionName: z.string().nullable(),
  rows: z.array(loadTestView),
  mayTest: openAct,
});
export type LoadTestListView = z.output<typeof loadTestListView>;
