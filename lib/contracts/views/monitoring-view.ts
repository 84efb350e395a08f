import { z } from "zod";
import { alertSeverity, alertState, ruleKey, signalClass } from "#lib/contracts/monitoring-api.ts";
import { armRole } from "#lib/contracts/runtime-protocol.ts";
import { driftVerdicts } from "#lib/domain/drift/feature-drift.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/monitoring/{endpoint}: everything the monitoring page of an endpoint shows, in one answer. */

export const watchRanges = ["1h", "24h", "7d", "30d", "13mo"] as const;
export type WatchRange = (typeof watchRanges)[number];
export const comparisons = ["training", "same_hour", "hour_before"] as const;
export type Comparison = (typeof comparisons)[number];

export const monitoringViewQuery = z.strictObject({
  range: z.enum(watchRanges).default("1h"),
  against: z.enum(comparisons).default("training"),
  /** Left out: the stable one. */
  version: z.string().max(64).nullable().default(null),
  /** Feature whose two histograms are shown. */
  feature: z.string().max(256).nullable().default(null),
});
export type MonitoringViewQuery = z.output<typeof monitoringViewQuery>;

const share = z.number().min(0).max(1);
const finite = z.number();

export const signalRow = z.object({
  key: ruleKey,
  title: z.string(),
  signalClass,
  unit: z.enum(["seconds", "share", "milliseconds", "psi", "value", "limits"]),
  above: z.boolean(),
  /** Null: never evaluated. */
  state: alertState.nullable(),
  since: instant.nullable(),
  value: finite.nullable(),
  limit: finite.nullable(),
  enabled: z.boolean(),
  sentence: z.string(),
  subjects: z.array(z.string()),
});
export type SignalRow = z.output<typeof signalRow>;

const shareChange = z.object({ reference: share, current: share, isPastLimit: z.boolean() });
export const featureRow = z.object({
  name: z.string(),
  kind: z.enum(["numeric", "categorical"]),
  verdict: z.enum(driftVerdicts),
  count,
  minimumCount: count.nullable(),
  psi: finite.nullable(),
  nullBand: finite.nullable(),
  excess: finite,
  jensenShannon: finite.nullable(),
  kolmogorovSmirnov: finite.nullable(),
  wasserstein: finite.nullable(),
  largestDifference: finite.nullable(),
  adjustedP: finite.nullable(),
  missing: shareChange.nullable(),
  outside: shareChange.nullable(),
  /** PSI against the same hour of the last four weeks, and against the hour before; null where there is none. */
  sameHour: finite.nullable(),
  hourBefore: finite.nullable(),
  /** PSI of the last evaluations, oldest first. */
  trend: z.array(finite.nullable()),
});
export type FeatureRow = z.output<typeof featureRow>;

export const binRow = z.object({ label: z.string(), reference: share, current: share, part: finite });
export const distribution = z.object({
  name: z.string(),
  referenceCount: count,
  count,
  psi: finite.nullable(),
  nullBand: finite.nullable(),
  bins: z.array(binRow),
});
export type Distribution = z.output<typeof distribution>;

export const watchPoint = z.object({
  at: instant,
  requestsPerSecond: finite.nullable(),
  errorShare: share.nullable(),
  p50Ms: finite.nullable(),
  p95Ms: finite.nullable(),
  p99Ms: finite.nullable(),
  labels: count,
  accuracy: share.nullable(),
  accuracyLow: share.nullable(),
  accuracyHigh: share.nullable(),
  values: count,
  value: finite.nullable(),
});
export type WatchPoint = z.output<typeof watchPoint>;

export const performanceView = z.object({
  labels: count,
  /** Share of the range's predictions that have a label. */
  labelShare: share.nullable(),
  accuracy: share.nullable(),
  accuracyLow: share.nullable(),
  accuracyHigh: share.nullable(),
  macroPrecision: share.nullable(),
  macroRecall: share.nullable(),
  macroF1: share.nullable(),
  rocAuc: share.nullable(),
  logLoss: finite.nullable(),
  calibrationError: finite.nullable(),
  meanAbsoluteError: finite.nullable(),
  rootMeanSquareError: finite.nullable(),
  /** Without labels, from the scores; with three standard errors. */
  estimatedAccuracy: share.nullable(),
  estimatedBand: finite.nullable(),
  /** Labels from before the range that say what each score means; 0: scores are taken as probabilities as they stand. */
  calibrationLabels: count,
  hasConceptChanged: z.boolean(),
  classes: z.array(
    z.object({ label: z.string(), support: count, precision: share.nullable(), recall: share.nullable(), f1: share.nullable() }),
  ),
});

export const versionColumn = z.object({
  versionName: z.string(),
  role: armRole,
  requests: count,
  errors: count,
  labels: count,
  wrong: count,
  values: count,
  valueMean: finite.nullable(),
  valueError: finite.nullable(),
  p95Ms: finite.nullable(),
});
export type VersionColumn = z.output<typeof versionColumn>;

export const alertRow = z.object({
  number: count,
  state: z.enum(["FIRING", "RESOLVING", "RESOLVED"]),
  severity: alertSeverity,
  signalClass,
  ruleKey,
  title: z.string(),
  sentence: z.string(),
  subjects: z.array(z.string()),
  endpointName: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  firedAt: instant,
  refiredAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: instant.nullable(),
  acknowledgement: z.string().nullable(),
  incidentNumber: count.nullable(),
});
export type AlertRow = z.output<typeof alertRow>;

export const silenceRow = z.object({ silenceId: z.string(), title: z.string(), reason: z.string(), until: instant, by: z.string() });

export const monitoringView = z.object({
  asOf: instant,
  endpointName: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  say: z.string(),
  range: z.enum(watchRanges),
  against: z.enum(comparisons),
  from: instant,
  to: instant,
  pointSeconds: z.number().positive(),
  versionName: z.string(),
  versions: z.array(versionColumn),
  signals: z.array(signalRow),
  points: z.array(watchPoint),
  queueMsP95: finite.nullable(),
  inferenceMsP95: finite.nullable(),
  reasons: z.array(z.object({ reason: z.string(), status: count, count })),
  /** Null: nothing was evaluated yet. */
  window: z.object({ start: instant, end: instant, rows: count, coverage: share.nullable() }).nullable(),
  baseline: z
    .object({ source: z.enum(["training_profile", "sample", "first_traffic", "none"]), rows: count, binsHash: z.string(), notes: z.array(z.string()), frozenRows: count.nullable(), frozenAt: instant.nullable() })
    .nullable(),
  features: z.array(featureRow),
  feature: distribution.nullable(),
  predictions: z.array(distribution),
  performance: performanceView,
  alerts: z.array(alertRow),
  silences: z.array(silenceRow),
  mayAcknowledge: openAct,
  maySilence: openAct,
  mayEditRules: openAct,
});
export type MonitoringView = z.output<typeof monitoringView>;

/** GET /api/v1/views/alerts */
export const alertsViewQuery = z.strictObject({
  show: z.enum(["open", "closed", "all"]).default("open"),
  before: z.coerce.number().int().positive().nullable().default(null),
});
export const alertsView = z.object({
  asOf: instant,
  show: z.enum(["open", "closed", "all"]),
  alerts: z.array(alertRow),
  /** Number to ask for the page that follows; null on the last. */
  next: count.nullable(),
  mayAcknowledge: openAct,
});
export type AlertsView = z.output<typeof alertsView>;

/** GET /api/v1/views/monitoring/{endpoint}/rules */
export const rulesView = z.object({
  asOf: instant,
  endpointName: z.string(),
  environmentName: z.string(),
  rowVersion: count,
  isDefault: z.boolean(),
  rules: z.array(
    z.object({
      key: ruleKey,
      title: z.string(),
      meaning: z.string(),
      signalClass,
      unit: z.enum(["seconds", "share", "milliseconds", "psi", "value", "limits"]),
      above: z.boolean(),
      enabled: z.boolean(),
      limit: finite.nullable(),
      windowSeconds: z.number().int().positive(),
      minimum: count,
      severity: alertSeverity,
      opensIncident: z.boolean(),
      defaultLimit: finite.nullable(),
    }),
  ),
  mayEdit: openAct,
});
export type RulesView = z.output<typeof rulesView>;
