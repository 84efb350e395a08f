/** What is watched on an endpoint: one rule a kind, with its limit, its window and how loud it is. */

export const signalClasses = ["infrastructure", "model", "business"] as const;
export type SignalClass = (typeof signalClasses)[number];

export const ruleKeys = [
  "silence",
  "error_rate",
  "latency_p95",
  "latency_p99",
  "budget_burn_fast",
  "budget_burn_slow",
  "coverage",
  "feature_drift",
  "feature_nulls",
  "feature_outside",
  "prediction_drift",
  "out_of_distribution",
  "estimated_accuracy",
  "measured_accuracy",
  "business_value",
] as const;
export type RuleKey = (typeof ruleKeys)[number];

export const severities = ["page", "ticket"] as const;
export type AlertSeverity = (typeof severities)[number];

/** Windows a rule may look at, seconds. */
export const ruleWindows = [10, 60, 300, 3600, 86_400] as const;
export type RuleWindow = (typeof ruleWindows)[number];

export type AlertRule = {
  readonly key: RuleKey;
  readonly enabled: boolean;
  /** Null: shown, never judged. In the unit of the kind. */
  readonly limit: number | null;
  readonly windowSeconds: RuleWindow;
  /** Fewest events (requests, values or labels) that are judged. */
  readonly minimum: number;
  readonly severity: AlertSeverity;
  /** Opens an incident when it fires. */
  readonly opensIncident: boolean;
};

export type RuleUnit = "seconds" | "share" | "milliseconds" | "psi" | "value" | "limits";

export type RuleKind = {
  readonly key: RuleKey;
  readonly signalClass: SignalClass;
  readonly title: string;
  /** What is measured, for the editor. */
  readonly meaning: string;
  readonly unit: RuleUnit;
  /** Larger is worse. */
  readonly above: boolean;
  readonly events: "requests" | "values" | "labels";
  /** Largest limit that makes sense. */
  readonly maximum: number;
};

const kind = (
  key: RuleKey,
  signalClass: SignalClass,
  title: string,
  unit: RuleUnit,
  meaning: string,
  rest: Partial<Pick<RuleKind, "above" | "events" | "maximum">> = {},
): RuleKind => ({ key, signalClass, title, unit, meaning, above: true, events: "requests", maximum: unit === "share" ? 1 : 1_000_000, ...rest });

export const ruleKinds: Readonly<Record<RuleKey, RuleKind>> = {
  silence: kind("silence", "infrastructure", "Counts from runtimes", "seconds", "Time since a runtime last sent counts."),
  error_rate: kind("error_rate", "infrastructure", "Error rate", "share", "Share of requests that the version failed to answer."),
  latency_p95: kind("latency_p95", "infrastructure", "p95 latency", "milliseconds", "95th percentile of the time to an answer."),
  latency_p99: kind("latency_p99", "infrastructure", "p99 latency", "milliseconds", "99th percentile of the time to an answer."),
  budget_burn_fast: kind(
    "budget_burn_fast",
    "infrastructure",
    "Error budget, fast",
    "limits",
    "Whether a service level's budget is spent so fast that 2 % of it goes in 1 h or 5 % in 6 h, seen over both the long and a twelfth of it.",
    { maximum: 100 },
  ),
  budget_burn_slow: kind("budget_burn_slow", "infrastructure", "Error budget, slow", "limits", "Whether 10 % of a service level's budget goes in 3 days, seen over them and over 6 h.", { maximum: 100 }),
  coverage: kind("coverage", "infrastructure", "Counted share", "share", "Share of rows whose features were counted.", { above: false }),
  feature_drift: kind("feature_drift", "model", "Feature drift", "psi", "PSI of a feature against its baseline, where it is significant over all features.", { events: "values", maximum: 10 }),
  feature_nulls: kind("feature_nulls", "model", "Missing values", "share", "Rise of a feature's share of nulls over its baseline.", { events: "values" }),
  feature_outside: kind("feature_outside", "model", "Values never seen", "share", "Rise of the share of a feature's values outside every bin of its baseline.", { events: "values" }),
  prediction_drift: kind("prediction_drift", "model", "Prediction drift", "psi", "PSI of scores and classes against the baseline frozen at deployment.", { events: "values", maximum: 10 }),
  out_of_distribution: kind("out_of_distribution", "model", "Unusual rows", "share", "Share of rows whose features together are more surprising than training's own."),
  estimated_accuracy: kind("estimated_accuracy", "model", "Estimated accuracy", "share", "Accuracy to be expected from the scores alone, without labels.", { above: false }),
  measured_accuracy: kind("measured_accuracy", "model", "Measured accuracy", "share", "Accuracy of the predictions whose true labels have come.", { above: false, events: "labels" }),
  business_value: kind("business_value", "business", "Value per outcome", "value", "Mean of the outcome values reported for predictions.", { above: false, events: "labels" }),
};

const rule = (key: RuleKey, limit: number | null, windowSeconds: RuleWindow, minimum: number, severity: AlertSeverity): AlertRule => ({
  key,
  enabled: true,
  limit,
  windowSeconds,
  minimum,
  severity,
  opensIncident: false,
});

/** What is watched where nobody has said otherwise. What only the owner can know (accuracy, value, how many rows may be unusual) is null: shown, not judged. */
export const defaultRules: readonly AlertRule[] = [
  rule("silence", 180, 60, 0, "page"),
  rule("error_rate", 0.01, 300, 100, "page"),
  rule("latency_p95", 250, 300, 100, "ticket"),
  rule("latency_p99", 1000, 300, 100, "page"),
  rule("budget_burn_fast", 1, 60, 100, "page"),
  rule("budget_burn_slow", 1, 60, 100, "ticket"),
  rule("coverage", 0.99, 300, 100, "ticket"),
  rule("feature_drift", 0.25, 60, 100, "ticket"),
  rule("feature_nulls", 0.05, 60, 100, "ticket"),
  rule("feature_outside", 0.02, 60, 100, "ticket"),
  rule("prediction_drift", 0.25, 60, 100, "ticket"),
  rule("out_of_distribution", null, 60, 100, "ticket"),
  rule("estimated_accuracy", null, 300, 100, "ticket"),
  rule("measured_accuracy", null, 3600, 30, "ticket"),
  rule("business_value", null, 3600, 30, "ticket"),
];

/** Rules as stored, with the default for each kind that they do not name: a later version may know more kinds. */
export function completeRules(stored: readonly AlertRule[]): readonly AlertRule[] {
  return defaultRules.map((fallback) => stored.find(({ key }) => key === fallback.key) ?? fallback);
}

/** Devices hand in what they counted minutes later, and all of it at once: their rules read an hour at the least. */
const DEVICES_WINDOW = 3600;

/** The rules as they are read: those of an endpoint on devices from windows that are long enough for what comes from there. */
export const rulesRead = (rules: readonly AlertRule[], pattern: string): readonly AlertRule[] =>
  pattern === "edge" ? rules.map((one) => (one.windowSeconds < DEVICES_WINDOW ? { ...one, windowSeconds: DEVICES_WINDOW } : one)) : rules;

/** How often a rule with this window is looked at, seconds: a long window slides in steps of the grain it is made of. */
export const cadenceSeconds = (windowSeconds: RuleWindow): number =>
  ({ 10: 10, 60: 60, 300: 60, 3600: 300, 86_400: 3600 })[windowSeconds];

/** Messages about the same rule, model and features are not repeated for this long. */
export const COOLDOWN_SECONDS = 6 * 3600;
