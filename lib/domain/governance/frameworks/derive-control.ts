import type { Control } from "../catalogue/types.ts";
import { getKind } from "../evidence/kinds.ts";
import { standing, type Fact, type Standing, type Subject } from "../evidence/standing.ts";
import { applicability, bindsFrom, type SystemProfile } from "./applicability.ts";

export type ControlState = "met" | "stale" | "failed" | "missing" | "waived" | "upcoming" | "not_applicable";

/** A person's signed word on one control of one model: not applicable, applicable after all, or waived for a time. */
export type ControlDecision = {
  readonly id: string;
  readonly controlId: string;
  readonly decision: "applicable" | "not_applicable" | "waived";
  readonly reason: string;
  readonly signedName: string;
  readonly signedAtMs: number;
  readonly untilMs: number;
};

export type DerivedControl = {
  readonly control: Control;
  readonly state: ControlState;
  readonly note: string;
  readonly standings: readonly Standing[];
  readonly decision: ControlDecision | null;
  /** For what is upcoming: from when it binds, and in how many days. */
  readonly bindsFrom: string | null;
  readonly daysUntil: number | null;
};

export type ControlGround = {
  readonly profile: SystemProfile;
  readonly facts: readonly Fact[];
  readonly subjects: readonly Subject[];
  readonly decisions: readonly ControlDecision[];
  readonly nowMs: number;
  /** Answers of `standing` kept from control to control, which share their kinds; left out, each is worked out anew. */
  readonly known?: Map<string, Standing>;
};

function standingFor(id: string, { facts, subjects, nowMs, known }: ControlGround): Standing {
  const kept = known?.get(id);
  if (kept !== undefined) return kept;
  const found = standing(getKind(id), facts, subjects, nowMs);
  known?.set(id, found);
  return found;
}

const DAY_MS = 86_400_000;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The newest decision on a control that is still in force. */
function decisionOn(control: Control, { decisions, nowMs }: ControlGround): ControlDecision | null {
  const inForce = decisions.filter(({ controlId, untilMs }) => controlId === control.id && untilMs > nowMs);
  return [...inForce].sort((a, b) => b.signedAtMs - a.signedAtMs)[0] ?? null;
}

type Found = { readonly state: "met" | "stale" | "failed" | "missing"; readonly note: string };

/** What its evidence alone says: the worst piece decides, and failed is worse than missing, missing worse than old. */
function byEvidence(standings: readonly Standing[]): Found {
  for (const state of ["failed", "missing", "stale"] as const) {
    const found = standings.find((one) => one.state === state);
    if (found !== undefined) return { state, note: found.note };
  }
  return { state: "met", note: standings.length === 1 ? (standings[0]?.note ?? "") : `All ${standings.length} pieces of evidence count.` };
}

/**
 * The state of one control for one system, from facts and signed decisions; nothing is stored. Draft guidance and duties whose day has
 * not come are upcoming, never a failure; what their evidence says now is still told.
 */
export function deriveControl(control: Control, ground: ControlGround): DerivedControl {
  const decision = decisionOn(control, ground);
  const standings = control.evidence.map((id) => standingFor(id, ground));
  const from = bindsFrom(control, ground.profile);
  const fromMs = from === null ? null : Date.parse(`${from}T00:00:00Z`);
  const daysUntil = fromMs === null || fromMs <= ground.nowMs ? null : Math.ceil((fromMs - ground.nowMs) / DAY_MS);
  const at = (state: ControlState, note: string): DerivedControl => ({ control, state, note, standings, decision, bindsFrom: from, daysUntil });

  const computed = applicability(control, ground.profile);
  if (decision?.decision === "not_applicable") return at("not_applicable", `Signed by ${decision.signedName} until ${day(decision.untilMs)}: ${decision.reason}`);
  if (!computed.applies && decision?.decision !== "applicable") return at("not_applicable", computed.reason);
  const found = byEvidence(standings);
  if (control.status === "draft") return at("upcoming", `A draft: no duty until it is final. ${found.note}`);
  if (daysUntil !== null) return at("upcoming", `Binds from ${from ?? ""}, in ${daysUntil} days. Now ${found.state}: ${found.note}`);
  if (found.state !== "met" && decision?.decision === "waived") return at("waived", `Waived until ${day(decision.untilMs)} by ${decision.signedName}: ${decision.reason}`);
  return at(found.state, found.note);
}

export type ControlCounts = Readonly<Record<ControlState, number>> & { readonly all: number; readonly applicable: number; readonly byPerson: number };

/** Counts, honestly: what applies now is met plus open plus waived; upcoming and not applicable stand apart. Never one percentage. */
export function countControls(derived: readonly DerivedControl[]): ControlCounts {
  const of = (state: ControlState): number => derived.filter((one) => one.state === state).length;
  const [upcoming, notApplicable] = [of("upcoming"), of("not_applicable")];
  const applies = (one: DerivedControl): boolean => one.state !== "upcoming" && one.state !== "not_applicable";
  return {
    met: of("met"),
    stale: of("stale"),
    failed: of("failed"),
    missing: of("missing"),
    waived: of("waived"),
    upcoming,
    not_applicable: notApplicable,
    all: derived.length,
    applicable: derived.length - upcoming - notApplicable,
    byPerson: derived.filter((one) => applies(one) && one.control.automation !== "auto").length,
  };
}

export type Gap = { readonly standing: Standing; readonly controls: readonly DerivedControl[] };

const WORST: readonly Standing["state"][] = ["failed", "stale", "missing"];

/** Evidence that holds controls open, worst first, then by how many it holds. Upcoming controls are named but hold nothing open yet. */
export function gapsOf(derived: readonly DerivedControl[]): Gap[] {
  const byKind = new Map<string, { standing: Standing; controls: DerivedControl[] }>();
  for (const one of derived) {
    if (one.state !== "failed" && one.state !== "stale" && one.state !== "missing") continue;
    for (const found of one.standings) {
      if (found.state === "met") continue;
      const gap = byKind.get(found.kind) ?? { standing: found, controls: [] };
      gap.controls.push(one);
      byKind.set(found.kind, gap);
    }
  }
  return [...byKind.values()].sort(
    (a, b) => WORST.indexOf(a.standing.state) - WORST.indexOf(b.standing.state) || b.controls.length - a.controls.length || (a.standing.kind < b.standing.kind ? -1 : 1),
  );
}
