import { isEnd } from "#lib/domain/release/states.ts";
import type { Release, RollbackCause } from "#lib/domain/release/release.ts";
import { faultText } from "#lib/domain/release/strategy-words.ts";
import { metricName } from "#lib/domain/release/labels.ts";
import { guardsPastLimit, type VerdictReport } from "#lib/domain/release/verdict.ts";
import { formatList, formatSeconds } from "#lib/domain/release/wording.ts";
import type { DecisionRecord } from "../db/release-repository.ts";

export type DrillResult = {
  readonly passed: boolean;
  readonly cause: RollbackCause | null;
  /** What found the fault, in words: the guards and triggers past their limit, or the safety net that worked; null: nothing did. */
  readonly fired: string | null;
  /** From the moment the fault was ordered to the order to roll back. */
  readonly detectedMs: number | null;
  /** From that order to the last answer of the candidate on the last runtime. */
  readonly restoredMs: number | null;
  readonly summary: string;
};

/** Causes by which a drill's own safety net worked; a person or a time limit is none of them. */
const FOUND_BY_ITSELF: readonly RollbackCause[] = ["harm", "trigger", "guard_rail", "runtime_safety", "bake_harm"];

const SAFETY_NETS: Readonly<Partial<Record<RollbackCause, string>>> = {
  guard_rail: "guard rail",
  runtime_safety: "the runtime itself",
  bake_harm: "the watch after promotion",
};

const isReport = (report: unknown): report is VerdictReport =>
  typeof report === "object" && report !== null && "format" in report && report.format === "slipway.verdict/1";

function firedBy(cause: RollbackCause, decisions: readonly Decided[]): string | null {
  if (!FOUND_BY_ITSELF.includes(cause)) return null;
  const ordered = decisions.find(({ toState }) => toState === "ROLLING_BACK");
  const past = isReport(ordered?.report) ? guardsPastLimit(ordered.report, []) : [];
  return past.length > 0 ? formatList(past.map(({ metric }) => metricName(metric))) : (SAFETY_NETS[cause] ?? null);
}

type Decided = Pick<DecisionRecord, "at" | "toState" | "report">;

/** What a finished drill showed; null while it runs, or for a release that is no drill. */
export function drillResult(release: Release, decisions: readonly Decided[], rollbackMs: number | null): DrillResult | null {
  const { drill } = release.plan;
  if (drill === undefined || !isEnd(release.state)) return null;
  const { rollback } = release;
  const began = decisions.find(({ toState }) => toState === "STEP_ACTIVE");
  const what = faultText(drill.fault);
  if (rollback === null || began === undefined || release.firstWeightEpoch === null) {
    return { passed: false, cause: rollback?.cause ?? null, fired: null, detectedMs: null, restoredMs: null, summary: `The drill ended before its fault was in force (${what}): it shows nothing.` };
  }
  const detectedMs = Math.max(0, rollback.orderedAtMs - began.at.getTime());
  const restoredMs = rollbackMs ?? Math.max(0, (rollback.finishedAtMs ?? rollback.orderedAtMs) - rollback.orderedAtMs);
  const totalSeconds = (detectedMs + restoredMs) / 1000;
  const isFound = FOUND_BY_ITSELF.includes(rollback.cause);
  const isInTime = totalSeconds <= drill.objectiveSeconds;
  const fired = firedBy(rollback.cause, decisions);
  const found = isFound
    ? `found${fired === null ? "" : ` by ${fired}`} after ${formatSeconds(detectedMs / 1000)} and the previous version restored ${(restoredMs / 1000).toFixed(2)} s later`
    : `nothing found it: it was ended ${rollback.cause === "person" ? "by a person" : "by its time limit"} after ${formatSeconds(detectedMs / 1000)}`;
  const judged = isFound ? `; objective ${formatSeconds(drill.objectiveSeconds)}` : "";
  return { passed: isFound && isInTime, cause: rollback.cause, fired, detectedMs, restoredMs, summary: `Rollback drill: ${what}; ${found}${judged}.` };
}
