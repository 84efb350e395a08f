import { atLeast, DAY, kind, MONTH, no, NINETY_DAYS, none, notAbove, notAfter, number, past, QUARTER, text, YEAR, yes, type KindSpec } from "./kind.ts";

/** Facts about a release, its plan and decisions, and about what it put on an endpoint. */
export const RELEASE_KINDS: readonly KindSpec[] = [
  kind("release_strategy_selected", "release", "slipway", null, [
    text("strategy", "Strategy"), atLeast("steps", "Steps, promotion included", 1), yes("promotes", "A path to promotion exists"), yes("aborts", "A path back exists from every step"),
  ]),
  kind("rollback_triggers_defined", "release", "slipway", null, [
    atLeast("latencyTriggers", "Latency triggers", 1), atLeast("errorTriggers", "Error-rate triggers", 1), atLeast("driftTriggers", "Drift triggers", 1),
    past("definedAt", "Frozen in the plan"), past("firstTrafficAt", "First traffic, or now while there is none"),
    notAfter("definedAt", "firstTrafficAt", "The triggers were changed after traffic began."),
  ]),
  kind("canary_analysis_report", "release", "slipway", null, [
    atLeast("decisions", "Decisions with a verdict", 1), none("promotedWithoutVerdict", "Steps passed without a verdict"), text("countsSha256", "Hash of the counts"),
  ]),
  kind("shadow_comparison_report", "release", "slipway", null, [
    atLeast("mirrored", "Requests mirrored", 100), number("disagreement", "Share of answers that differ"), number("limit", "Limit"), notAbove("disagreement", "limit", "The shadow's answers differ more than the limit."),
  ]),
  kind("release_approval_signed", "release", "slipway", null, [
    number("required", "Approvals asked for"), number("given", "Approvals given"), none("voided", "Approvals that count but are void"), text("boundDigest", "Digest that was signed"),
    notAbove("required", "given", "Fewer people signed than the environment asks for."),
  ]),
  kind("esignature_record", "release", "slipway", null, [
    text("signedName", "Printed name"), past("signedAt", "Signed"), text("meaning", "Meaning"), text("digest", "Digest that was signed"), text("method", "How the signer proved who they are"),
  ]),
  kind("change_record", "release", "slipway", null, [
    text("from", "Version replaced"), text("to", "Version put in its place"), yes("justified", "A reason is given"), number("changes", "Changed parts"),
  ]),
  kind("substantial_modification_assessment", "release", "person", null, [
    text("decision", "Decision, with its reason"), no("outsideBounds", "It goes outside the declared bounds"), text("reviewer", "Reviewer"),
  ]),
  kind("pccp_within_envelope", "release", "slipway", null, [
    text("envelope", "Change plan"), none("outside", "Changes outside every allowed modification"), none("criteriaFailed", "Acceptance criteria that failed"),
  ]),
  kind("rollback_executed", "release", "slipway", null, [
    past("orderedAt", "Ordered"), past("doneAt", "Done"), yes("restoredDigestVerified", "The restored digest was verified"), notAfter("orderedAt", "doneAt", "It ended before it was ordered."),
  ]),
  kind("rollback_drill_passed", "version", "slipway", NINETY_DAYS, [
    text("release", "Release it was rehearsed in"), text("strategy", "Strategy"), number("restoreMs", "Time to restore, milliseconds"), number("objectiveMs", "Objective, milliseconds"),
    yes("goldenEqual", "The previous version answers its golden requests"), notAbove("restoreMs", "objectiveMs", "It took longer than its objective."),
  ]),
  kind("udi_label_record", "release", "person", null, [
    text("deviceIdentifier", "Device identifier"), text("label", "Labelling text"), yes("versionOnLabel", "The label names the deployed version"),
  ]),
  kind("impact_assessment_document", "release", "person", null, [
    text("benefitRisk", "Benefit and risk"), text("individual", "Impact of each change"), text("cumulative", "Impact of all together"),
  ]),
  kind("incident_record", "model", "either", null, [
    past("detectedAt", "Detected"), past("awareAt", "Aware"), text("severity", "Severity"), text("cause", "Cause"), text("correctiveAction", "Corrective action"), notAfter("detectedAt", "awareAt", "Nobody can be aware before it was detected."),
  ]),
  kind("incident_report_filed", "model", "either", null, [
    text("reference", "Filing reference"), past("filedAt", "Filed"), past("awareAt", "Aware"), past("dueAt", "Due, or now while it is not"), notAfter("awareAt", "filedAt", "Filed before awareness."), notAfter("filedAt", "dueAt", "Filed after the legal deadline."),
  ]),
  kind("evidence_preserved", "release", "either", null, [
    text("holdId", "Hold"), yes("artifact", "Artifact held"), yes("windows", "Windows held"), yes("logRange", "Log range held"),
  ]),
  kind("decommission_record", "endpoint", "either", null, [
    none("weightBp", "Traffic left, basis points"), yes("credentialsRevoked", "Credentials revoked"), yes("archived", "Artifacts archived"),
  ]),
  kind("corrective_action_record", "model", "person", null, [
    text("action", "Action"), text("trigger", "What led to it"), past("completedAt", "Completed"), yes("effective", "Its effect was checked"),
  ]),
  kind("serving_runtime_pinned", "version", "slipway", null, [
    text("runtime", "Runtime"), text("runtimeVersion", "Runtime version"), text("provider", "Execution provider"), yes("compatible", "The format runs on it"), yes("asReported", "Runtimes report the same"),
  ]),
  kind("container_hardening_report", "environment", "either", MONTH, [
    text("imageDigest", "Image or host digest"), yes("nonRoot", "It does not run as root"), yes("readOnlyRoot", "Its file system is read-only, or writes are confined"), none("criticalVulnerabilities", "Critical vulnerabilities past policy"),
  ]),
  kind("autoscaling_policy_defined", "environment", "either", QUARTER, [
    atLeast("maxReplicas", "Most replicas or hosts", 1), number("plannedPeak", "Planned peak, requests per second"), number("capacity", "Capacity at the most, requests per second"), notAbove("plannedPeak", "capacity", "Capacity is below the planned peak."),
  ]),
  kind("access_control", "environment", "either", DAY, [
    yes("anonymousRefused", "A request without a token is refused"), yes("wrongScopeRefused", "A token without the scope is refused"), yes("validAccepted", "A valid token is accepted"),
  ]),
  kind("kill_switch_tested", "model", "either", NINETY_DAYS, [
    text("where", "Where"), number("stopMs", "Time to stop, milliseconds"), number("objectiveMs", "Objective, milliseconds"), text("safeState", "State it was left in"), notAbove("stopMs", "objectiveMs", "Stopping took longer than its objective."),
  ]),
  kind("deployer_notice_published", "endpoint", "person", YEAR, [
    text("audience", "Audience"), text("channel", "Channel"), past("publishedAt", "Published"), text("document", "Notice, or where it is kept"),
  ]),
];

