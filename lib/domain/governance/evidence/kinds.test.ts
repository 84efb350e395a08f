import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../audit/canonical-json.ts";
import kindLabels from "../catalogue/data/evidence-kinds.json" with { type: "json" };
import { goodFact, NOW_MS, subjectOf } from "./good-details.fixture.ts";
import { DAY_MS } from "./kind.ts";
import { getKind, KINDS } from "./kinds.ts";
import { standing } from "./standing.ts";

const YESTERDAY = "2026-11-28T00:00:00Z";
const TODAY = "2026-11-29T00:00:00Z";

/** One way in which each kind must fail, and words of the refusal. The table names all 98. */
const MUST_FAIL: readonly (readonly [kind: string, wrong: Record<string, JsonValue>, words: string])[] = [
  ["artifact_digest_recorded", { formatAsDeclared: false }, "declared as"],
  ["artifact_signature_verified", { signatureValid: false }, "signature"],
  ["artifact_format_safe", { blockingFindings: 1 }, "block"],
  ["preprocessing_bundle_pinned", { goldenFailed: 2 }, "differed"],
  ["dependency_lock_present", { mismatched: 1 }, "runtime reports otherwise"],
  ["sbom_generated", { criticalVulnerabilities: 1 }, "critical"],
  ["validation_report_passed", { datasetDigest: "sha256:x", trainingDatasetDigest: "sha256:x" }, "training data"],
  ["validation_dataset_profiled", { worstPsi: 0.4 }, "population stability"],
  ["independent_validation_signoff", { validatorIsAuthor: true }, "made, trained"],
  ["subgroup_performance_report", { worstGap: 0.2, gapLimit: 0.05 }, "worst slice"],
  ["fairness_assessment", { value: 0.2, limit: 0.1 }, "difference between groups"],
  ["robustness_test_report", { worstDegradation: 0.3, limit: 0.1 }, "perturbation"],
  ["sensitivity_stress_report", { scenariosOutside: 1 }, "outside their threshold"],
  ["conceptual_soundness_review", { reviewerIsAuthor: true }, "reviewer made it"],
  ["benchmark_comparison_report", { gainLow: -0.01 }, "interval"],
  ["backtest_report", { breaches: 1 }, "breaches"],
  ["security_test_report", { openHigh: 1 }, "high severity"],
  ["input_schema_defined", { fieldsWithoutRule: 1 }, "without a rule"],
  ["input_schema_enforced", { invalidRefused: false }, "outside the contract"],
  ["serving_runtime_pinned", { asReported: false }, "report the same"],
  ["container_hardening_report", { nonRoot: false }, "root"],
  ["load_test_profile", { memoryLimitEvents: 1 }, "memory"],
  ["autoscaling_policy_defined", { plannedPeak: 200, capacity: 100 }, "below the planned peak"],
  ["access_control", { anonymousRefused: false }, "without a token"],
  ["rbac_sod_enforced", { conflicts: 1 }, "own work"],
  ["release_strategy_selected", { aborts: false }, "path back"],
  ["rollback_triggers_defined", { definedAt: TODAY, firstTrafficAt: YESTERDAY }, "after traffic began"],
  ["rollback_drill_passed", { restoreMs: 5000, objectiveMs: 1000 }, "longer than its objective"],
  ["rollback_executed", { restoredDigestVerified: false }, "restored digest"],
  ["canary_analysis_report", { promotedWithoutVerdict: 1 }, "without a verdict"],
  ["shadow_comparison_report", { disagreement: 0.2, limit: 0.1 }, "differ more"],
  ["release_approval_signed", { required: 2, given: 1 }, "Fewer people"],
  ["esignature_record", { signedAt: "2027-01-01T00:00:00Z" }, "future"],
  ["change_record", { justified: false }, "reason"],
  ["substantial_modification_assessment", { outsideBounds: true }, "declared bounds"],
  ["pccp_document_registered", { authorised: false }, "authorised"],
  ["pccp_within_envelope", { outside: 1 }, "outside every allowed"],
  ["drift_monitor_active", { windowsEvaluated: 0 }, "Windows evaluated"],
  ["prediction_drift_baseline_set", { comparing: false }, "comparison"],
  ["performance_monitor_active", { joinRate: 0 }, "label"],
  ["infra_dashboard_live", { oldestSampleSeconds: 600 }, "newest-sample"],
  ["business_outcome_linked", { byVersion: false }, "model version"],
  ["post_market_monitoring_plan", { unboundMetrics: 1 }, "live monitor"],
  ["incident_runbook_assigned", { inactiveAssignees: 1 }, "no longer active"],
  ["incident_record", { detectedAt: TODAY, awareAt: YESTERDAY }, "aware before"],
  ["incident_report_filed", { filedAt: TODAY, dueAt: YESTERDAY }, "legal deadline"],
  ["evidence_preserved", { windows: false }, "Windows held"],
  ["kill_switch_tested", { stopMs: 5000, objectiveMs: 1000 }, "Stopping took longer"],
  ["human_oversight_measures", { competent: false }, "competence"],
  ["override_log", { joined: 0 }, "Override events"],
  ["dual_verification_log", { singleVerifier: 1 }, "fewer than two"],
  ["explanation_available", { byPredictionId: false }, "prediction id"],
  ["user_feedback_channel", { openDays: 30, targetDays: 10 }, "waited longer"],
  ["deployer_notice_published", { publishedAt: "2027-01-01" }, "future"],
  ["ai_disclosure_enabled", { found: false }, "disclosure"],
  ["instructions_for_use_published", { accuracyAsMeasured: false }, "accuracy"],
  ["model_card_published", { figuresThatDiffer: 1 }, "differ from the evaluation"],
  ["technical_documentation_package", { sectionsWithoutEvidence: 1 }, "without evidence"],
  ["limitations_documented", { limitations: 7 }, "Limitations"],
  ["training_data_documented", { provenance: false }, "Provenance"],
  ["data_lineage_recorded", { missingEdges: 1 }, "Missing links"],
  ["conformity_assessment", { assessedAt: "2027-01-01" }, "future"],
  ["declaration_of_conformity", { conforms: false }, "conforms"],
  ["ce_marking_recorded", { location: 3 }, "Where the mark"],
  ["eu_db_registration", { differences: 1 }, "Differences"],
  ["fria_completed", { harms: false }, "harm"],
  ["dpia_linked", { approvedAt: "2027-01-01" }, "future"],
  ["privacy_assessment", { logsRedacted: false }, "redacted"],
  ["risk_classification_recorded", { prohibited: true }, "prohibited"],
  ["risk_register_current", { withoutOwner: 1 }, "without owner"],
  ["risk_acceptance_signed", { acceptedBy: 4 }, "Accepted by"],
  ["model_inventory_entry", { unknownEndpoints: 1 }, "without an entry"],
  ["model_tier_assigned", { exposure: 4 }, "Exposure"],
  ["policy_attestation", { owner: 4 }, "Attested by"],
  ["roles_assigned", { inactive: 1 }, "no longer active"],
  ["training_record", { expired: 1 }, "expired"],
  ["vendor_model_assessment", { exitPlan: 4 }, "Exit plan"],
  ["third_party_component_monitoring", { openCritical: 1 }, "advisories"],
  ["audit_log_integrity", { problems: 1 }, "Problems"],
  ["audit_log_retention", { effectiveDays: 30 }, "at least 184"],
  ["event_log_capture", { syntheticFound: false }, "found in the log"],
  ["log_export_available", { hashesMatch: false }, "hashes"],
  ["documentation_retention", { effectiveDays: 365 }, "at least 3650"],
  ["data_residency_enforced", { outside: 1 }, "outside the allowed regions"],
  ["backup_restore_tested", { chainVerified: false }, "chain"],
  ["findings_tracked", { overdueHigh: 1 }, "past their date"],
  ["review_scheduled", { tier: 4 }, "Tier"],
  ["aggregate_risk_report", { models: 0 }, "Models"],
  ["internal_audit_report", { reportedAt: "2027-01-01" }, "future"],
  ["decommission_record", { weightBp: 500 }, "Traffic left"],
  ["regulator_request_log", { overdue: 1 }, "past their date"],
  ["corrective_action_record", { effective: false }, "effect"],
  ["system_validation_record", { release: 4 }, "Slipway version"],
  ["environmental_impact_record", { trainingKwh: "much" }, "Energy"],
  ["stakeholder_feedback_record", { consultedAt: "2027-01-01" }, "future"],
  ["udi_label_record", { versionOnLabel: false }, "deployed version"],
  ["impact_assessment_document", { cumulative: 4 }, "together"],
  ["business_case_recorded", { benefit: 4 }, "benefit"],
];

test("the table of failures, the specifications and the catalogue name the same 98 kinds", () => {
  const named = kindLabels.map(({ id }) => id).sort();
  expect(named).toHaveLength(98);
  expect(KINDS.map(({ id }) => id).sort()).toEqual(named);
  expect(MUST_FAIL.map(([kind]) => kind).sort()).toEqual(named);
});

describe.each(MUST_FAIL)("%s", (id, wrong, words) => {
  const spec = getKind(id);
  const subjects = [subjectOf(spec)];
  const good = goodFact(spec);

  test("is met when everything it must say is said", () => {
    expect(standing(spec, [good], subjects, NOW_MS)).toMatchObject({ state: "met", fact: { id: good.id } });
  });

  test("is failed when what it says does not hold, and says what", () => {
    const found = standing(spec, [{ ...good, details: { ...good.details, ...wrong } }], subjects, NOW_MS);
    expect(found.state).toBe("failed");
    expect(found.note.toLowerCase()).toContain(words.toLowerCase());
  });

  test("is stale when it ran out, or when its subject has changed", () => {
    const [subject] = subjects;
    const changed = standing(spec, [good], [{ ...subject!, digest: "sha256:two" }], NOW_MS);
    expect(changed.state).toBe("stale");
    const end = spec.lifetimeDays === null ? null : good.producedAtMs + spec.lifetimeDays * DAY_MS;
    if (end === null) {
      expect(standing(spec, [good], subjects, NOW_MS + DAY_MS).state).toBe("met");
    } else {
      expect(standing(spec, [good], subjects, end - 1).state).not.toBe("failed");
      expect(standing(spec, [good], subjects, end).state).toBe("stale");
    }
    expect(standing(spec, [{ ...good, expiresAtMs: NOW_MS }], subjects, NOW_MS).state).toBe("stale");
  });

  test("is missing when there is none, or when it leaves something out", () => {
    expect(standing(spec, [], subjects, NOW_MS).state).toBe("missing");
    const [field] = spec.fields;
    const { [field!.name]: _left, ...rest } = good.details;
    const found = standing(spec, [{ ...good, details: rest }], subjects, NOW_MS);
    expect(found).toMatchObject({ state: "missing" });
    expect(found.note).toContain("incomplete");
  });
});

test("a newer failure is not healed by an older good fact", () => {
  const spec = getKind("load_test_profile");
  const older = goodFact(spec, { id: "a", producedAtMs: NOW_MS - 3_600_000 });
  const newer = goodFact(spec, { id: "b", verdict: "failed", summary: "It ran out of memory." });
  expect(standing(spec, [older, newer], [subjectOf(spec)], NOW_MS)).toMatchObject({ state: "failed", note: "It ran out of memory." });
});

test("with two endpoints the one without a monitor decides", () => {
  const spec = getKind("drift_monitor_active");
  const here = { type: "endpoint", id: "endpoint-1", digest: "sha256:one" } as const;
  const there = { type: "endpoint", id: "endpoint-2", digest: "sha256:two" } as const;
  expect(standing(spec, [goodFact(spec)], [here], NOW_MS).state).toBe("met");
  expect(standing(spec, [goodFact(spec)], [here, there], NOW_MS).state).toBe("missing");
});
