import { z } from "zod";
import { endpointPattern } from "#lib/contracts/registry-api.ts";
import { armRole } from "#lib/contracts/runtime-protocol.ts";
import { endpointRuntime } from "./endpoint-runtime.ts";
import { livePlace, openAct } from "./registry-parts.ts";
import { releaseState } from "./release-vocabulary.ts";
import { basisPoints, count, instant, milliseconds } from "./view-parts.ts";

/** GET /api/v1/views/endpoints/{endpoint} and its monitoring. */

export const routeArmView = z.object({
  versionName: z.string(),
  role: armRole,
  weightBp: basisPoints,
});

export const routeRow = z.object({
  epoch: count,
  at: instant,
  cause: z.string(),
  /** In words: "Promotion", "Step of a release". */
  causeText: z.string(),
  by: z.string(),
  releaseNumber: count.nullable(),
  arms: z.array(routeArmView),
});
export type RouteRow = z.output<typeof routeRow>;

export const deploymentRow = z.object({
  deploymentId: z.string(),
  versionName: z.string(),
  digest: z.string(),
  target: z.string(),
  releaseNumber: count.nullable(),
  startedAt: instant,
  startedBy: z.string(),
  endedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});
export type DeploymentRow = z.output<typeof deploymentRow>;

export const endpointViewQuery = z.strictObject({
  /** "What was live at": an instant in UTC. */
  at: instant.nullable().default(null),
});

export const endpointView = z.object({
  asOf: instant,
  endpointId: z.string(),
  name: z.string(),
  environmentName: z.string(),
  stage: z.enum(["staging", "production"]),
  mayLiftQuarantine: openAct,
  modelName: z.string(),
  /** How it is used: online (requests are routed to it) or batch. */
  pattern: endpointPattern,
  riskTier: z.string(),
  demo: z.boolean(),
  /** What answers here, one or two sentences. */
  say: z.string(),
  epoch: count,
  places: z.array(livePlace),
  openRelease: z
    .object({ number: count, state: releaseState, candidateVersionName: z.string() })
    .nullable(),
  /** What was live at the moment asked for; null when none was asked for. `route` null: nothing was routed then. */
  then: z
    .object({
      at: instant,
      route: routeRow.nullable(),
      deployments: z.array(deploymentRow),
    })
    .nullable(),
  runtimes: z.array(endpointRuntime),
  /** A request that the stable version's contract lets pass; null when nothing is live or it is too large to show. */
  example: z.record(z.string(), z.unknown()).nullable(),
  deployments: z.array(deploymentRow),
  routes: z.array(routeRow),
  routesTotal: count,
  mayRelease: openAct,
});
export type EndpointView = z.output<typeof endpointView>;

export const monitoringRanges = ["15m", "1h", "6h", "24h"] as const;
export type MonitoringRange = (typeof monitoringRanges)[number];
export const endpointMonitoringQuery = z.strictObject({
  range: z.enum(monitoringRanges).default("1h"),
});

const latency = {
  p50Ms: milliseconds.nullable(),
  p95Ms: milliseconds.nullable(),
  p99Ms: milliseconds.nullable(),
};

export const monitoringPoint = z.object({
  at: instant,
  /** Null where no window was reported: silence is not zero. */
  requestsPerSecond: z.number().nonnegative().nullable(),
  errorShare: z.number().min(0).max(1).nullable(),
  ...latency,
});
export type MonitoringPoint = z.output<typeof monitoringPoint>;

export const monitoringArm = z.object({
  /** "stable 1.0.0": role and version, for people and as the key of the series. */
  key: z.string(),
  role: armRole,
  versionName: z.string(),
  requests: count,
  errors: count,
  refused: count,
  labelsReceived: count,
  labelsWrong: count,
  ...latency,
  points: z.array(monitoringPoint),
});
export type MonitoringArm = z.output<typeof monitoringArm>;

/** At most 120 points an arm; percentiles are those of the merged histograms of all runtimes, within 1.1 %. */
export const endpointMonitoringView = z.object({
  asOf: instant,
  range: z.enum(monitoringRanges),
  from: instant,
  to: instant,
  pointSeconds: z.number().positive(),
  arms: z.array(monitoringArm),
});
export type EndpointMonitoringView = z.output<typeof endpointMonitoringView>;
