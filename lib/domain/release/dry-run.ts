import type { ApprovalTerms } from "./approval-terms.ts";
import { freezeAt, type FreezeWindow } from "./freeze.ts";
import type { Plan, PlanStep } from "./plan.ts";
import { safeSeconds, type Traffic } from "./power.ts";
import { stepRule } from "./step-rule.ts";
import { formatCount, formatList, formatMoment, formatNoun, formatSeconds, formatWeight } from "./wording.ts";

/** What a release would meet if it were made and submitted at this moment, and nothing else changed. */
export type DryRunScene = {
  readonly plan: Plan;
  readonly nowMs: number;
  /** Not before this moment; null: as soon as it may. */
  readonly startsAtMs: number | null;
  readonly approvals: Pick<ApprovalTerms, "approvalsNeeded" | "approverRoles" | "rolesNeeded">;
  /** Sentences of the checklist that are open at each moment; a later one includes the earlier. */
  readonly open: { readonly submit: readonly string[]; readonly firstTraffic: readonly string[]; readonly firstWeight: readonly string[] };
  readonly freezeWindows: readonly FreezeWindow[];
  /** The endpoint's own; null while too little was served to tell. */
  readonly traffic: Traffic | null;
};

export type DryRunStage = "make" | "submit" | "approve" | "start" | "mirror" | "step" | "promote" | "bake";

/** `stops`: not until somebody does something. `waits`: by itself, for a time or for evidence. `goes`: nothing in the way. */
export type DryRunStanding = "stops" | "waits" | "goes";

export type DryRunLine = {
  readonly stage: DryRunStage;
  readonly title: string;
  readonly standing: DryRunStanding;
  readonly text: string;
  /** How long it lasts at the least, at the present traffic; null when that cannot be told. */
  readonly seconds: number | null;
};

export type DryRun = {
  readonly outcome: "refused" | "stopped" | "waits" | "starts";
  readonly sentence: string;
  readonly lines: readonly DryRunLine[];
  /** The earliest moment at which it could start, approvals aside; null when something stops it before. */
  readonly startsAtMs: number | null;
  /** From the start to the end of the bake, at the least; null when a person or unknown traffic decides. */
  readonly shortestSeconds: number | null;
};

/** The answer where the release would not even be made. */
export function refusedDryRun(message: string, details: readonly string[], hint: string | null): DryRun {
  const text = [message, ...details, ...(hint === null ? [] : [hint])].join(" ");
  return {
    outcome: "refused",
    sentence: `It would be refused. ${message}`,
    lines: [{ stage: "make", title: "Make", standing: "stops", text, seconds: null }],
    startsAtMs: null,
    shortestSeconds: null,
  };
}

/** No freeze of a policy lasts through so many others. */
const MOST_FREEZES = 20;

/** The first moment from `atMs` on that no freeze holds. */
function afterFreezes(windows: readonly FreezeWindow[], atMs: number): { readonly atMs: number; readonly names: readonly string[] } {
  const names: string[] = [];
  let moment = atMs;
  for (let seen = 0; seen < MOST_FREEZES; seen += 1) {
    const freeze = freezeAt(windows, moment);
    if (freeze === null) break;
    names.push(freeze.name);
    moment = freeze.untilMs;
  }
  return { atMs: moment, names };
}

/** Walks through the release from making it to the end of its bake. Times are the shortest possible, for a candidate that is as good as stable. */
export function dryRun(scene: DryRunScene): DryRun {
  const { plan, nowMs, approvals, open } = scene;
  const begin = afterFreezes(scene.freezeWindows, Math.max(nowMs, scene.startsAtMs ?? nowMs));
  const lines: DryRunLine[] = [
    { stage: "make", title: "Make", standing: "goes", text: "Nothing is in the way.", seconds: 0 },
    submitLine(open.submit),
    approveLine(approvals),
    startLine(scene, begin),
    ...mirrorLines(plan),
    ...stepLines(plan, scene.traffic),
    { stage: "promote", title: "100 %", standing: "goes", text: "By relabelling: nothing is deployed again, the version before stays loaded.", seconds: 0 },
    bakeLine(plan),
  ];
  const later = lines.slice(4).map(({ seconds }) => seconds);
  const shortestSeconds = later.some((seconds) => seconds === null) ? null : later.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  const isStopped = open.submit.length > 0 || startMoment(scene).length > 0;
  const outcome = isStopped ? "stopped" : approvals.approvalsNeeded > 0 || begin.atMs > nowMs ? "waits" : "starts";
  return {
    outcome,
    sentence: sentenceOf(scene, outcome, begin.atMs, shortestSeconds),
    lines,
    startsAtMs: isStopped ? null : begin.atMs,
    shortestSeconds,
  };
}

/** What is open when the candidate would get its first traffic: mirrored for a plan that mirrors first, else weight. */
const startMoment = ({ plan, open }: DryRunScene): readonly string[] => (plan.shadow === null ? open.firstWeight : open.firstTraffic);

function submitLine(open: readonly string[]): DryRunLine {
  if (open.length === 0) return { stage: "submit", title: "Ask for approval", standing: "goes", text: "Everything asked for at this point is there.", seconds: 0 };
  return { stage: "submit", title: "Ask for approval", standing: "stops", text: `Closed: ${open.join(" ")}`, seconds: null };
}

function approveLine({ approvalsNeeded, approverRoles, rolesNeeded }: DryRunScene["approvals"]): DryRunLine {
  if (approvalsNeeded === 0) return { stage: "approve", title: "Approval", standing: "goes", text: "This environment asks for none.", seconds: 0 };
  const each = rolesNeeded.length === 0 ? "" : `, among them ${formatList(rolesNeeded)}`;
  return {
    stage: "approve",
    title: "Approval",
    standing: "stops",
    text: `Waits for ${formatNoun(approvalsNeeded, "person", "people")} (${approverRoles.join(" or ")}${each}), none of them its author or the version's.`,
    seconds: null,
  };
}

function startLine(scene: DryRunScene, begin: { readonly atMs: number; readonly names: readonly string[] }): DryRunLine {
  const open = startMoment(scene);
  const title = "Start";
  if (open.length > 0) return { stage: "start", title, standing: "stops", text: `Closed until it is there: ${open.join(" ")}`, seconds: null };
  if (begin.atMs <= scene.nowMs) return { stage: "start", title, standing: "goes", text: "By itself, as soon as it is approved.", seconds: 0 };
  const why = begin.names.length === 0 ? "as asked" : `change freeze ${formatList([...new Set(begin.names)].map((name) => `“${name}”`))}`;
  return { stage: "start", title, standing: "waits", text: `Not before ${formatMoment(begin.atMs)}: ${why}.`, seconds: (begin.atMs - scene.nowMs) / 1000 };
}

function mirrorLines({ shadow }: Plan): DryRunLine[] {
  if (shadow === null) return [];
  const share = `${formatWeight(shadow.samplingBp)} of the requests are copied to it for at least ${formatSeconds(shadow.dwellSeconds)}; callers notice nothing.`;
  const { comparison } = shadow;
  if (comparison === undefined) return [{ stage: "mirror", title: "Mirrored", standing: "waits", text: share, seconds: shadow.dwellSeconds }];
  const end = { steps: "It goes on once agreement is proven.", gate: "Then a person decides.", deprecate: "Then it ends with what was found." }[comparison.then];
  const text = `${share} ${formatCount(comparison.minUnits)} callers must be answered by both. ${end}`;
  return [{ stage: "mirror", title: "Mirrored", standing: comparison.then === "gate" ? "stops" : "waits", text, seconds: null }];
}

/** How long the step takes at the present traffic: dwell, units and, at the first step that asks for it, proof by the error guard. */
function stepSeconds(plan: Plan, step: PlanStep, isFirstProof: boolean, traffic: Traffic | null): number | null {
  if (step.advance === "gate" || step.advance === "better") return null;
  if (step.minUnits === 0 && step.advance !== "safe") return step.dwellSeconds;
  if (traffic === null || traffic.requestsPerSecond <= 0 || step.weightBp <= 0) return null;
  const units = step.minUnits / ((traffic.requestsPerSecond * step.weightBp) / 10_000);
  const guard = plan.guards.find(({ metric }) => metric === "error");
  const proof = step.advance !== "safe" || !isFirstProof || guard === undefined ? 0 : safeSeconds(guard, traffic, step.weightBp);
  return proof === null ? null : Math.max(step.dwellSeconds, units, proof);
}

function stepLines(plan: Plan, traffic: Traffic | null): DryRunLine[] {
  const firstProof = plan.steps.findIndex(({ advance }) => advance === "safe");
  return plan.steps.map((step, index) => {
    const seconds = stepSeconds(plan, step, index === firstProof, traffic);
    const about = seconds === null ? "" : ` About ${formatSeconds(seconds)} at the present traffic.`;
    return { stage: "step", title: formatWeight(step.weightBp), standing: step.advance === "gate" ? "stops" : "waits", text: `${stepRule(step, "callers")}${about}`, seconds };
  });
}

function bakeLine({ bakeSeconds, bakeGuards }: Plan): DryRunLine {
  const text = bakeSeconds === 0 ? "None: it is over with the promotion." : `Watched for ${formatSeconds(bakeSeconds)} against the rates before the release${bakeGuards.length === 0 ? "" : ", and taken back by itself past its limits"}.`;
  return { stage: "bake", title: "Bake", standing: bakeSeconds === 0 ? "goes" : "waits", text, seconds: bakeSeconds };
}

function sentenceOf({ nowMs, approvals, open, traffic }: DryRunScene, outcome: DryRun["outcome"], startMs: number, shortest: number | null): string {
  if (outcome === "stopped") {
    return open.submit.length > 0
      ? "It could be kept as a draft; approval can be asked for once the checklist below is closed."
      : "It could be made and approved; it would not start before the checklist below is closed.";
  }
  const after = approvals.approvalsNeeded > 0 ? `wait for ${formatNoun(approvals.approvalsNeeded, "approval", "approvals")}, then start` : "start";
  const when = startMs > nowMs ? `not before ${formatMoment(startMs)}` : "at once";
  const long = shortest === null ? (traffic === null ? "; how long it takes cannot be told, too little was served here lately" : "; a person or the evidence decides how long it takes") : `; over in about ${formatSeconds(shortest)} at the earliest`;
  return `It would ${after} ${when}${long}.`;
}
