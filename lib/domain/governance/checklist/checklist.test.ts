import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../audit/canonical-json.ts";
import { getKind } from "../evidence/kinds.ts";
import { ALL_SUBJECTS, goodFact, NOW_MS } from "../evidence/good-details.fixture.ts";
import type { Fact } from "../evidence/standing.ts";
import { deriveItem, type Ground, type WaiverInForce } from "./derive-item.ts";
import { blocksAt } from "./gates.ts";
import { CHECKLIST, CHECKLIST_PHASES, EXTRA_ITEMS, findItem, STAGING_CODES } from "./items.ts";

const ALL_FACTS: readonly Fact[] = [...CHECKLIST, ...EXTRA_ITEMS].flatMap(({ evidence }) => evidence).map((kind) => goodFact(getKind(kind)));
const ground = (over: Partial<Ground> = {}): Ground => ({ facts: ALL_FACTS, subjects: ALL_SUBJECTS, waivers: [], lawOpen: [], nowMs: NOW_MS, ...over });
const derive = (code: string, over: Partial<Ground> = {}) => deriveItem(findItem(code)!, ground(over));

/** All facts, with what one kind says changed. */
function saying(kind: string, wrong: Record<string, JsonValue>): readonly Fact[] {
  return ALL_FACTS.map((fact) => (fact.kind === kind ? { ...fact, details: { ...fact.details, ...wrong } } : fact));
}
const aged = (kind: string, days: number): readonly Fact[] => ALL_FACTS.map((fact) => (fact.kind === kind ? { ...fact, producedAtMs: NOW_MS - days * 86_400_000 } : fact));
const boundTo = (kind: string, subjectDigest: string): readonly Fact[] => ALL_FACTS.map((fact) => (fact.kind === kind ? { ...fact, subjectDigest } : fact));

test("there are exactly 21 items in five phases, in the order of their codes", () => {
  expect(CHECKLIST.map(({ code }) => code).join(" ")).toBe(
    "PRE-1 PRE-2 PRE-3 PRE-4 PRE-5 INF-1 INF-2 INF-3 INF-4 INF-5 REL-1 REL-2 REL-3 MON-1 MON-2 MON-3 MON-4 MON-5 GOV-1 GOV-2 GOV-3",
  );
  expect([...new Set(CHECKLIST.map(({ phase }) => phase))]).toEqual([...CHECKLIST_PHASES]);
  expect(EXTRA_ITEMS).toHaveLength(10);
});

test("with all evidence in order all 31 are met", () => {
  for (const item of [...CHECKLIST, ...EXTRA_ITEMS]) expect(deriveItem(item, ground()), item.code).toMatchObject({ state: "met" });
});

/** What the text of each item says must fail, as facts. */
const NEGATIVE: readonly (readonly [code: string, because: string, over: Partial<Ground>, state: string])[] = [
  ["PRE-1", "a renamed file", { facts: saying("artifact_digest_recorded", { formatAsDeclared: false }) }, "failed"],
  ["PRE-1", "a file that can run code", { facts: saying("artifact_format_safe", { blockingFindings: 1 }) }, "failed"],
  ["PRE-2", "the preprocessing of another version", { facts: saying("preprocessing_bundle_pinned", { goldenFailed: 3 }) }, "failed"],
  ["PRE-3", "one package is another in the runtime", { facts: saying("dependency_lock_present", { mismatched: 1 }) }, "failed"],
  ["PRE-4", "the test ran on the training set", { facts: saying("validation_report_passed", { datasetDigest: "sha256:t", trainingDatasetDigest: "sha256:t" }) }, "failed"],
  ["PRE-4", "a threshold was lowered after the run", { facts: saying("validation_report_passed", { thresholdsSetAt: "2026-11-20", ranAt: "2026-11-10" }) }, "failed"],
  ["PRE-5", "a field without a rule", { facts: saying("input_schema_defined", { fieldsWithoutRule: 1 }) }, "failed"],
  ["INF-1", "the runtime reports another provider", { facts: saying("serving_runtime_pinned", { asReported: false }) }, "failed"],
  ["INF-2", "another image than the one that was scanned", { facts: saying("container_hardening_report", { nonRoot: false }) }, "failed"],
  ["INF-3", "limits were edited after the run", { facts: boundTo("load_test_profile", "sha256:before") }, "stale"],
  ["INF-4", "capacity is below the planned peak", { facts: saying("autoscaling_policy_defined", { plannedPeak: 9, capacity: 3 }) }, "failed"],
  ["INF-5", "a request without a token is answered", { facts: saying("access_control", { anonymousRefused: false }) }, "failed"],
  ["REL-1", "no way leads back from a step", { facts: saying("release_strategy_selected", { aborts: false }) }, "failed"],
  ["REL-2", "no drift trigger", { facts: saying("rollback_triggers_defined", { driftTriggers: 0 }) }, "failed"],
  ["REL-2", "a trigger was edited while the canary ran", { facts: saying("rollback_triggers_defined", { definedAt: "2026-11-20", firstTrafficAt: "2026-11-10" }) }, "failed"],
  ["REL-3", "a drill with another artifact", { facts: boundTo("rollback_drill_passed", "sha256:other") }, "stale"],
  ["REL-3", "a drill older than 90 days", { facts: aged("rollback_drill_passed", 91) }, "stale"],
  ["MON-1", "a runtime stopped reporting", { facts: aged("infra_dashboard_live", 1) }, "stale"],
  ["MON-2", "a monitor that has evaluated no window", { facts: saying("drift_monitor_active", { windowsEvaluated: 0 }) }, "failed"],
  ["MON-3", "no baseline", { facts: ALL_FACTS.filter(({ kind }) => kind !== "prediction_drift_baseline_set") }, "open"],
  ["MON-4", "outcomes that do not carry the version", { facts: saying("business_outcome_linked", { byVersion: false }) }, "failed"],
  ["MON-5", "somebody on call is no longer active", { facts: saying("incident_runbook_assigned", { inactiveAssignees: 1 }) }, "failed"],
  ["GOV-1", "a figure in the card differs", { facts: saying("model_card_published", { figuresThatDiffer: 1 }) }, "failed"],
  ["GOV-2", "the purpose or a country of the model changed", { facts: boundTo("risk_classification_recorded", "sha256:before") }, "stale"],
  ["GOV-2", "a duty of law is open", { lawOpen: ["Art. 50(1)"] }, "open"],
  ["GOV-3", "retention below a legal floor", { facts: saying("audit_log_retention", { effectiveDays: 30 }) }, "failed"],
  ["GOV-3", "the application may delete entries", { facts: saying("audit_log_retention", { deleteRefused: false }) }, "failed"],
  ["GOV-3", "the chain does not verify", { facts: saying("audit_log_integrity", { problems: 1 }) }, "failed"],
];

test.each(NEGATIVE)("%s is not met when %s", (code, _because, over, state) => {
  const found = derive(code, over);
  expect(found.state).toBe(state);
  expect(found.note).not.toBe("");
});

test("each of the 21 has a negative test", () => {
  expect([...new Set(NEGATIVE.map(([code]) => code))]).toEqual(CHECKLIST.map(({ code }) => code));
});

describe("waivers", () => {
  const waiver = (requirement: string): WaiverInForce => ({ requirement, reason: "The drill is booked for Thursday.", signedName: "Yusuf Demir", untilMs: NOW_MS + 86_400_000 });
  const without = ALL_FACTS.filter(({ kind }) => kind !== "rollback_drill_passed");

  test("of the item or of the kind excuse what is missing, and say who signed until when and why", () => {
    for (const requirement of ["REL-3", "rollback_drill_passed"]) {
      const found = derive("REL-3", { facts: without, waivers: [waiver(requirement)] });
      expect(found).toMatchObject({ state: "waived", note: "Waived until 2026-11-30 by Yusuf Demir: The drill is booked for Thursday." });
      expect(found.waivers).toHaveLength(1);
    }
  });

  test("never excuse a check that said no", () => {
    const facts = saying("rollback_drill_passed", { goldenEqual: false });
    expect(derive("REL-3", { facts, waivers: [waiver("REL-3"), waiver("rollback_drill_passed")] }).state).toBe("failed");
  });

  test("of one kind leave the item's other kinds asked for", () => {
    const facts = ALL_FACTS.filter(({ kind }) => kind !== "audit_log_retention" && kind !== "audit_log_integrity");
    expect(derive("GOV-3", { facts, waivers: [waiver("audit_log_retention")] }).state).toBe("open");
  });

  test("of GOV-2 cover open duties of law", () => {
    expect(derive("GOV-2", { lawOpen: ["Art. 4"], waivers: [waiver("GOV-2")] }).state).toBe("waived");
    expect(derive("GOV-2", { lawOpen: ["Art. 4"], waivers: [waiver("risk_classification_recorded")] }).state).toBe("open");
  });
});

describe("gates", () => {
  const blocking = (moment: "submit" | "first_traffic" | "first_weight") => CHECKLIST.filter(({ gate }) => blocksAt(gate, moment)).map(({ code }) => code);

  test("before deployment, infrastructure and the runbook block staging; release blocks traffic; the rest blocks weight", () => {
    expect(STAGING_CODES.join(" ")).toBe("PRE-1 PRE-2 PRE-3 PRE-4 PRE-5 INF-1 INF-2 INF-3 INF-4 INF-5 MON-5");
    expect(blocking("first_traffic")).toEqual([...STAGING_CODES.slice(0, 10), "REL-1", "REL-2", "REL-3", "MON-5"]);
    expect(blocking("first_weight")).toHaveLength(21);
  });

  test("an item about what does not exist yet does not apply yet", () => {
    const subjects = ALL_SUBJECTS.filter(({ type }) => type !== "release" && type !== "endpoint");
    expect(derive("REL-1", { subjects }).state).toBe("not_applicable");
    expect(derive("MON-2", { subjects }).state).toBe("not_applicable");
    expect(derive("PRE-1", { subjects }).state).toBe("met");
  });
});
