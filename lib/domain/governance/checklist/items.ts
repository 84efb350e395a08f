/** The 21 items in five phases, and ten more that an environment may ask for. Fixed texts; each is derived from evidence and nothing else. */

export const CHECKLIST_PHASES = ["Before deployment", "Infrastructure", "Release", "After deployment", "Governance"] as const;
export type ChecklistPhase = (typeof CHECKLIST_PHASES)[number];

/**
 * Where an item blocks. `staging`: any environment. `traffic`: before the first production traffic, mirrored traffic included.
 * `weight`: before a version gets more than 0 % of live traffic. `always`: everywhere, at every gate.
 */
export type Gate = "staging" | "traffic" | "weight" | "always";

export type ChecklistItem = {
  readonly code: string;
  readonly phase: ChecklistPhase;
  readonly title: string;
  readonly gate: Gate;
  /** Kinds of evidence that all must be met. */
  readonly evidence: readonly string[];
  /** The test that shows that it can fail. */
  readonly mustFailWhen: string;
  /** GOV-2 also asks that no applicable duty of law is open. */
  readonly asksLaw?: boolean;
};

const item = (
  code: string,
  phase: ChecklistPhase,
  gate: Gate,
  title: string,
  evidence: readonly string[],
  mustFailWhen: string,
): ChecklistItem => ({ code, phase, title, gate, evidence, mustFailWhen });

const [BEFORE, INFRASTRUCTURE, RELEASE, AFTER, GOVERNANCE] = CHECKLIST_PHASES;

export const CHECKLIST: readonly ChecklistItem[] = [
  item("PRE-1", BEFORE, "staging", "Artifact in a documented, version-controlled format", ["artifact_digest_recorded", "artifact_format_safe"],
    "A renamed file, a truncated file or a file that can run code."),
  item("PRE-2", BEFORE, "staging", "Preprocessing serialized and versioned with the model", ["preprocessing_bundle_pinned"],
    "The preprocessing of another version: the golden requests differ."),
  item("PRE-3", BEFORE, "staging", "Inference dependencies locked", ["dependency_lock_present"],
    "One package is another in the runtime."),
  item("PRE-4", BEFORE, "staging", "Performance on held-out, production-representative data", ["validation_report_passed", "validation_dataset_profiled"],
    "The test ran on the training data, or a threshold was lowered after the run."),
  item("PRE-5", BEFORE, "staging", "Input schema with null and range rules", ["input_schema_defined"],
    "A field without a rule."),
  item("INF-1", INFRASTRUCTURE, "staging", "Serving runtime selected", ["serving_runtime_pinned"],
    "The runtime falls back to another execution provider."),
  item("INF-2", INFRASTRUCTURE, "staging", "Container with minimal attack surface", ["container_hardening_report"],
    "Another image than the one that was scanned."),
  item("INF-3", INFRASTRUCTURE, "staging", "Resource limits profiled under load", ["load_test_profile"],
    "Limits edited after the run."),
  item("INF-4", INFRASTRUCTURE, "staging", "Auto-scaling thresholds set", ["autoscaling_policy_defined"],
    "Capacity at the most is below the planned peak."),
  item("INF-5", INFRASTRUCTURE, "staging", "API authentication and authorisation", ["access_control"],
    "A request without a token is answered."),
  item("REL-1", RELEASE, "traffic", "Release strategy selected", ["release_strategy_selected"],
    "A plan from whose steps no way leads back."),
  item("REL-2", RELEASE, "traffic", "Rollback triggers defined in advance: latency, error rate, drift", ["rollback_triggers_defined"],
    "A trigger is edited while the canary runs."),
  item("REL-3", RELEASE, "traffic", "Rollback tested in staging", ["rollback_drill_passed"],
    "A drill with another artifact."),
  item("MON-1", AFTER, "weight", "Dashboard: p50, p95, p99, errors, throughput", ["infra_dashboard_live"],
    "A runtime stops reporting."),
  item("MON-2", AFTER, "weight", "Feature distributions monitored", ["drift_monitor_active"],
    "A monitor that has evaluated no window."),
  item("MON-3", AFTER, "weight", "Prediction drift with a baseline set at deployment", ["prediction_drift_baseline_set"],
    "A promotion without a baseline."),
  item("MON-4", AFTER, "weight", "Business outcomes connected to the version", ["business_outcome_linked"],
    "Outcomes that do not carry the version."),
  item("MON-5", AFTER, "always", "Incident runbook documented and assigned", ["incident_runbook_assigned"],
    "Somebody on call is no longer active."),
  item("GOV-1", GOVERNANCE, "weight", "Model card published (NIST AI RMF)", ["model_card_published"],
    "A figure in the card differs from the evaluation."),
  { ...item("GOV-2", GOVERNANCE, "weight", "Regulatory obligations reviewed", ["risk_classification_recorded"],
    "Purpose or country of the model changes."), asksLaw: true },
  item("GOV-3", GOVERNANCE, "weight", "Audit log retention set", ["audit_log_retention", "audit_log_integrity"],
    "Retention below a legal floor, or the application may delete entries."),
];

/** What regulation also expects; asked for only where an environment's policy names them. */
export const EXTRA_ITEMS: readonly ChecklistItem[] = [
  item("EXT-1", BEFORE, "staging", "Independent validation signed off", ["independent_validation_signoff"], "The validator made the version."),
  item("EXT-2", RELEASE, "traffic", "Stop control tested", ["kill_switch_tested"], "Stopping took longer than its objective."),
  item("EXT-3", AFTER, "weight", "Human oversight assigned", ["human_oversight_measures"], "An overseer without valid training."),
  item("EXT-4", BEFORE, "staging", "Fairness and slices assessed", ["fairness_assessment", "subgroup_performance_report"], "A gap past its limit."),
  item("EXT-5", AFTER, "weight", "Explanation can be fetched", ["explanation_available"], "No explanation by prediction id."),
  item("EXT-6", RELEASE, "traffic", "Substantial change decided", ["substantial_modification_assessment"], "The change goes outside the declared bounds."),
  item("EXT-7", RELEASE, "traffic", "Inside the predetermined change plan", ["pccp_within_envelope"], "A change outside every allowed modification."),
  item("EXT-8", AFTER, "weight", "Third-party components monitored", ["third_party_component_monitoring"], "An advisory without an answer."),
  item("EXT-9", GOVERNANCE, "weight", "Risk register current", ["risk_register_current"], "The quarterly review is overdue."),
  item("EXT-10", GOVERNANCE, "weight", "Privacy of logs assessed", ["privacy_assessment"], "Inference logs are not redacted."),
];

export const ITEM_CODES: readonly string[] = [...CHECKLIST, ...EXTRA_ITEMS].map(({ code }) => code);
export const STANDARD_CODES: readonly string[] = CHECKLIST.map(({ code }) => code);

export const findItem = (code: string): ChecklistItem | null =>
  [...CHECKLIST, ...EXTRA_ITEMS].find((one) => one.code === code) ?? null;

/** What blocks a staging environment: before deployment, infrastructure, and the runbook. */
export const STAGING_CODES: readonly string[] = CHECKLIST.filter(({ gate }) => gate === "staging" || gate === "always").map(({ code }) => code);
