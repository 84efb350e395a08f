import { atLeast, atMost, DAY, HOUR, kind, MONTH, NINETY_DAYS, none, notAbove, number, past, QUARTER, text, within, YEAR, yes, type KindSpec } from "./kind.ts";

/** Facts that live telemetry keeps true: made anew all the time, old within a day. */
export const MONITORING_KINDS: readonly KindSpec[] = [
  kind("input_schema_enforced", "endpoint", "slipway", DAY, [
    text("contractDigest", "Contract in force"), yes("invalidRefused", "A request outside the contract is refused"), number("refused", "Requests refused so far"),
  ]),
  kind("drift_monitor_active", "endpoint", "either", DAY, [
    atLeast("features", "Features watched", 1), atLeast("windowsEvaluated", "Windows evaluated", 1), text("reference", "Reference"), yes("alertRouteTested", "The alert route was tested"),
  ]),
  kind("prediction_drift_baseline_set", "endpoint", "slipway", null, [
    text("baselineDigest", "Digest of the baseline"), text("version", "Version it belongs to"), atLeast("units", "Requests it was frozen from", 1), yes("comparing", "The comparison runs"),
  ]),
  kind("performance_monitor_active", "endpoint", "either", DAY, [
    atLeast("labels", "Labels received", 1), within("joinRate", "Share of predictions with a label", 0.01, 1), past("lastLabelAt", "Newest label"),
  ]),
  kind("infra_dashboard_live", "endpoint", "slipway", HOUR * 6, [
    atLeast("replicas", "Runtimes reporting", 1), atMost("oldestSampleSeconds", "Oldest newest-sample, seconds", 120), yes("percentiles", "p50, p95 and p99 are drawn"), yes("errorRate", "Error rate is drawn"), yes("throughput", "Throughput is drawn"),
  ]),
  kind("business_outcome_linked", "endpoint", "either", MONTH, [
    text("metric", "Outcome metric"), yes("byVersion", "It carries the model version"), atLeast("values", "Values in the last period", 1),
  ]),
  kind("backtest_report", "version", "either", MONTH, [
    text("period", "Period"), atLeast("joined", "Predictions joined to outcomes", 30), none("breaches", "Threshold breaches"),
  ]),
  kind("event_log_capture", "endpoint", "either", DAY, [
    yes("syntheticFound", "A request of our own was found in the log"), none("missingFields", "Required fields that are missing"),
  ]),
  kind("override_log", "endpoint", "either", DAY, [
    atLeast("joined", "Override events joined to predictions", 1), within("rate", "Override rate", 0, 1),
  ]),
  kind("dual_verification_log", "endpoint", "either", DAY, [none("singleVerifier", "Identifications with fewer than two verifiers"), atLeast("checked", "Identifications checked", 1)]),
  kind("ai_disclosure_enabled", "endpoint", "either", DAY, [text("surface", "Surface probed"), yes("found", "The disclosure or mark was found")]),
  kind("user_feedback_channel", "endpoint", "person", QUARTER, [text("address", "Where people turn to"), number("openDays", "Oldest open item, days"), number("targetDays", "Target, days"), notAbove("openDays", "targetDays", "An item has waited longer than the target.")]),
  kind("third_party_component_monitoring", "organisation", "either", DAY, [
    text("feed", "Feed"), none("openCritical", "Critical advisories without an answer"), text("fallback", "Fallback"),
  ]),
  kind("incident_runbook_assigned", "endpoint", "either", NINETY_DAYS, [
    text("runbook", "Runbook"), text("primary", "First on call"), text("secondary", "Second on call"), none("inactiveAssignees", "Assignees who are no longer active"), yes("acknowledged", "A test page was acknowledged"), none("missingSections", "Required sections that are empty"),
  ]),
  kind("review_scheduled", "model", "either", YEAR, [text("tier", "Tier that sets the interval"), { type: "date", name: "nextReviewAt", label: "Next review", mustBe: "future" }]),
];
