import { describe, expect, it } from "vitest";
import { routeTableProblems } from "#lib/domain/routing/route-table.ts";
import type { Effect } from "./effect.ts";
import { allowedActions, applyPersonEvent, type PersonEvent } from "./person-event.ts";
import { APPROVAL, CANDIDATE, observation, release, runtime, STABLE } from "./release.fixture.ts";
import type { Release } from "./release.ts";
import { STATES_WITH_ROLL_BACK } from "./machine.ts";
import type { Observation } from "./observation.ts";
import type { ReleaseState } from "./states.ts";
import { verdictReport } from "./verdict-report.fixture.ts";
import type { VerdictReport } from "./verdict.ts";

const NOW = 1_000_000;
const ask = (of: Release, event: PersonEvent, seen: Observation = observation()) =>
  applyPersonEvent(of, event, seen, NOW);
const refusalOf = (...parameters: Parameters<typeof ask>) => {
  const step = ask(...parameters);
  return step.ok ? "accepted" : step.refusal.code;
};
const moveOf = (...parameters: Parameters<typeof ask>) => {
  const step = ask(...parameters);
  if (!step.ok) throw new Error(step.refusal.message);
  return step.move;
};
const tableOf = (effects: readonly Effect[]) =>
  effects.find((effect) => effect.kind === "route")?.table;

const approve = (over: Partial<Extract<PersonEvent, { type: "approve" }>> = {}): PersonEvent => ({
  type: "approve",
  by: "bo",
  role: "ml_lead",
  digest: APPROVAL.digest,
  meaning: APPROVAL.meaning,
  reason: APPROVAL.reason,
  ...over,
});
const inStep = (over: Partial<Release> = {}): Release =>
  release({
    state: "STEP_ACTIVE",
    stepIndex: 0,
    stepEpoch: 2,
    stepSinceMs: 0,
    epoch: 2,
    firstWeightEpoch: 2,
    approvals: [APPROVAL],
    ...over,
  });
const verdict = (over: Partial<VerdictReport>): VerdictReport => ({
  format: "slipway.verdict/1",
  verdict: "INSUFFICIENT",
  action: null,
  stepIndex: 0,
  stepSeconds: 10,
  stepUnits: { have: 10, need: 200 },
  unitWord: "keys",
  guards: [],
  predictions: null,
  split: {
    isAlarm: false,
    logE: 0,
    logELimit: 7,
    runtimeId: null,
    epoch: null,
    plannedShareBp: null,
    candidateUnits: 0,
    units: 0,
  },
  isStableUnhealthy: false,
  blindSeconds: null,
  gaps: [],
  invalidReasons: [],
  etaSeconds: null,
  unitsStillNeeded: null,
  ...over,
});

describe("approval", () => {
  const pending = release({ state: "PENDING_APPROVAL", approvalsNeeded: 2 });

  it("stays pending until the quorum of distinct people is met", () => {
    const first = moveOf(pending, approve());
    expect(first.release).toMatchObject({
      state: "PENDING_APPROVAL",
      approvals: [{ personId: "bo" }],
    });
    expect(refusalOf(first.release, approve())).toBe("already_approved");
    expect(moveOf(first.release, approve({ by: "cy" })).release.state).toBe("APPROVED");
  });

  it.each<[string, string, Partial<Extract<PersonEvent, { type: "approve" }>>, Partial<Release>]>([
    ["its author", "self_approval", { by: "ana" }, {}],
    ["who registered the candidate", "self_approval", { by: "dee" }, { candidateAuthorId: "dee" }],
    ["who saw another plan", "stale_digest", { digest: "sha256:older" }, {}],
    [
      "a role that may not",
      "role_not_allowed",
      { role: "engineer" },
      { approverRoles: ["ml_lead"] },
    ],
    ["nobody without a reason", "reason_required", { reason: "  " }, {}],
  ])("is refused to %s: %s", (_, code, event, over) => {
    expect(refusalOf({ ...pending, ...over }, approve(event))).toBe(code);
  });

  it("is not needed where the policy asks for none", () => {
    expect(
      moveOf(release({ approvalsNeeded: 0 }), { type: "submit", by: "ana" }).release.state,
    ).toBe("APPROVED");
    expect(moveOf(release(), { type: "submit", by: "ana" }).release.state).toBe("PENDING_APPROVAL");
  });

  it("cannot even be asked for while the checklist is open", () => {
    expect(
      refusalOf(
        release(),
        { type: "submit", by: "ana" },
        observation({ checklistOpen: ["Model card"] }),
      ),
    ).toBe("checklist_open");
  });
});

describe("the start", () => {
  const approved = release({ state: "APPROVED", approvals: [APPROVAL] });
  const start: PersonEvent = { type: "start", by: "ana" };

  it("loads the candidate and gives it no weight", () => {
    const { release: next, effects } = moveOf(approved, start);
    expect(next.state).toBe("PROVISIONING");
    expect(effects).toContainEqual({ kind: "provision", versionId: CANDIDATE });
  });

  it.each<[string, Partial<Observation>, Partial<Release>]>([
    [
      "endpoint_busy",
      { endpoint: { epoch: 1, stableVersionId: STABLE, activeReleaseId: "rel-0" } },
      {},
    ],
    [
      "stable_changed",
      { endpoint: { epoch: 1, stableVersionId: "v7", activeReleaseId: null } },
      {},
    ],
    ["change_freeze", { freeze: { name: "Year end", untilMs: NOW + 1 } }, {}],
    ["checklist_open", { checklistOpen: ["Model card"] }, {}],
    ["no_runtime", { runtimes: [] }, {}],
    ["approvals_missing", {}, { approvals: [{ ...APPROVAL, digest: "sha256:older" }] }],
  ])("is refused: %s", (code, seen, over) => {
    expect(refusalOf({ ...approved, ...over }, start, observation(seen))).toBe(code);
  });
});

describe("roll back", () => {
  const inState = (state: ReleaseState): Release => {
    const promoted = state === "PROMOTING" || state === "BAKING" || state === "COMPLETED";
    const early = state === "PROVISIONING" || state === "WARMING" || state === "SHADOWING";
    return inStep({
      state,
      ...(promoted ? { stepIndex: null, promotionEpoch: 5, epoch: 5, isPreviousWarm: true } : {}),
      ...(early ? { stepIndex: null, epoch: null, firstWeightEpoch: null } : {}),
    });
  };
  const seenIn = (state: ReleaseState) => {
    const isPromoted = state === "PROMOTING" || state === "BAKING" || state === "COMPLETED";
    return observation({
      endpoint: {
        epoch: 5,
        stableVersionId: isPromoted ? CANDIDATE : STABLE,
        activeReleaseId: "rel-1",
      },
    });
  };

  it.each(STATES_WITH_ROLL_BACK)(
    "takes one person in %s, whoever it is and without a reason",
    (state) => {
      const move = moveOf(
        inState(state),
        { type: "roll_back", by: "ana", reason: null },
        seenIn(state),
      );
      const table = tableOf(move.effects);
      expect(["ROLLING_BACK", "ABORTED"]).toContain(move.release.state);
      expect(table?.arms).toEqual([{ versionId: STABLE, arm: "stable", weightBp: 10_000 }]);
      expect(table?.epoch).toBe(6);
      expect(table === undefined ? ["no table"] : routeTableProblems(table)).toEqual([]);
      expect(move.effects[0]).toEqual({ kind: "preserve_evidence" });
      expect(move.effects).toContainEqual({
        kind: "open_obligation",
        obligation: "rollback_reason",
        personId: "ana",
        dueAtMs: NOW + 86_400_000,
      });
    },
  );

  it("ends without traffic as aborted, and with traffic as rolled back", () => {
    expect(
      moveOf(inState("WARMING"), { type: "roll_back", by: "ana", reason: "x" }, seenIn("WARMING"))
        .release.state,
    ).toBe("ABORTED");
    const live = moveOf(
      inState("HOLDING"),
      { type: "roll_back", by: "ana", reason: "x" },
      seenIn("HOLDING"),
    );
    expect(live.release.rollback).toMatchObject({
      endsAs: "ROLLED_BACK",
      cause: "person",
      personId: "ana",
      fromWeightBp: 1_000,
    });
  });

  it("goes above every epoch that any runtime has seen or burnt", () => {
    const far = runtime({ appliedEpoch: 9, safeState: { burntEpoch: 11, cause: "dead_man" } });
    const move = moveOf(
      inState("STEP_ACTIVE"),
      { type: "roll_back", by: "ana", reason: "x" },
      { ...seenIn("STEP_ACTIVE"), runtimes: [far] },
    );
    expect(tableOf(move.effects)?.epoch).toBe(12);
  });

  it("of a completed release gives the old name back, while the old version is warm", () => {
    const completed = inState("COMPLETED");
    const seen = seenIn("COMPLETED");
    const move = moveOf(completed, { type: "roll_back", by: "ana", reason: "x" }, seen);
    expect(move.effects).toContainEqual({
      kind: "relabel",
      stableVersionId: STABLE,
      previousVersionId: null,
    });
    const event: PersonEvent = { type: "roll_back", by: "ana", reason: "x" };
    expect(refusalOf({ ...completed, isPreviousWarm: false }, event, seen)).toBe(
      "previous_not_warm",
    );
    expect(refusalOf(completed, event, { ...seen, runtimes: [runtime({ versions: [] })] })).toBe(
      "previous_not_warm",
    );
    expect(
      refusalOf(completed, event, {
        ...seen,
        endpoint: { ...seen.endpoint, stableVersionId: "v9" },
      }),
    ).toBe("not_current");
    expect(
      refusalOf(completed, event, {
        ...seen,
        endpoint: { ...seen.endpoint, activeReleaseId: "rel-2" },
      }),
    ).toBe("endpoint_busy");
  });

  it("is not possible after the end", () => {
    expect(refusalOf(inState("ROLLED_BACK"), { type: "roll_back", by: "ana", reason: "x" })).toBe(
      "illegal_transition",
    );
  });
});

describe("holding", () => {
  it("keeps weights and epoch, and needs a reason", () => {
    expect(refusalOf(inStep(), { type: "hold", by: "ana", reason: "" })).toBe("reason_required");
    const { release: held, effects } = moveOf(inStep(), {
      type: "hold",
      by: "ana",
      reason: "Looking at a report.",
    });
    expect(held).toMatchObject({
      state: "HOLDING",
      epoch: 2,
      hold: { reason: "MANUAL", personId: "ana" },
    });
    expect(tableOf(effects)).toBeUndefined();
  });

  it("is ended by a person where only a person can, and restarts the step's time", () => {
    const held = inStep({
      state: "HOLDING",
      hold: { reason: "TIMED_OUT", personId: null, note: null, sinceMs: 0 },
    });
    const { release: next } = moveOf(held, { type: "resume", by: "bo", reason: null });
    expect(next).toMatchObject({ state: "STEP_ACTIVE", stepSinceMs: NOW, hold: null });
    const blind = inStep({
      state: "HOLDING",
      hold: { reason: "BLIND", personId: null, note: null, sinceMs: 0 },
    });
    expect(refusalOf(blind, { type: "resume", by: "bo", reason: null })).toBe(
      "hold_ends_by_itself",
    );
  });

  it("for a crossed limit accepts exactly the guards that asked for a person", () => {
    const held = inStep({
      state: "HOLDING",
      hold: { reason: "LIMIT_CROSSED", personId: null, note: null, sinceMs: 0 },
    });
    const predictions = {
      action: "hold",
      margin: 0.25,
      classes: [],
      logE: 9,
      logELimit: 7,
      word: "HARM",
    } as const;
    const seen = observation({
      verdict: verdict({ verdict: "HARM", action: "hold", predictions }),
    });
    expect(
      moveOf(held, { type: "resume", by: "bo", reason: "Expected." }, seen).release.acceptedHolds,
    ).toEqual(["predictions"]);
  });
});

describe("gates and overrides", () => {
  const gate = inStep({ state: "AWAITING_GATE" });
  const pass: PersonEvent = { type: "pass_gate", by: "bo", reason: "Looks right." };
  const safe = observation({ verdict: verdict({ verdict: "SAFE" }) });
  const promoteNow = (
    over: Partial<Extract<PersonEvent, { type: "promote_now" }>> = {},
  ): PersonEvent => ({
    type: "promote_now",
    by: "bo",
    reason: "Deadline; p95 looked at by hand.",
    isSigned: true,
    ...over,
  });

  it.each<[string, Partial<Observation>]>([
    ["no_evidence", { verdict: verdict({ verdict: "BLIND", blindSeconds: 20 }) }],
    ["past_limit", { verdict: verdictReport("HARM", 0) }],
    ["past_limit", { runtimes: [runtime({ safeState: { burntEpoch: 2, cause: "dead_man" } })] }],
    [
      "past_limit",
      { guardRails: [{ kind: "host_crash_loop", runtimeId: "rt-0", detail: "Crashed 5 times." }] },
    ],
    ["not_warm", { runtimes: [runtime({ versions: [] })] }],
  ])("are no way around an alarm: %s", (code, seen) => {
    expect(refusalOf(inStep(), promoteNow(), observation(seen))).toBe(code);
  });

  it("after mirroring let nobody past an open checklist, and ask it no more once the candidate has had weight", () => {
    const mirrored = { ...gate, stepIndex: null, stepEpoch: null, firstWeightEpoch: null };
    const open = { checklistOpen: ["REL-3 Rollback tested in staging"] };
    expect(refusalOf(mirrored, pass, observation(open))).toBe("checklist_open");
    expect(refusalOf(mirrored, promoteNow(), observation(open))).toBe("checklist_open");
    expect(moveOf(gate, pass, { ...safe, ...open }).release).toMatchObject({ stepIndex: 1 });
  });

  it("lead to the next step", () => {
    expect(moveOf(gate, pass, safe).release).toMatchObject({ state: "STEP_ACTIVE", stepIndex: 1 });
  });

  it.each<[string, PersonEvent, Observation]>([
    ["self_approval", { ...pass, by: "ana" }, safe],
    ["reason_required", { ...pass, reason: " " }, safe],
    ["no_evidence", pass, observation()],
    ["no_evidence", pass, observation({ verdict: verdict({ verdict: "BLIND" }) })],
    ["no_evidence", pass, observation({ verdict: verdict({ verdict: "INVALID" }) })],
    ["not_warm", pass, { ...safe, runtimes: [runtime({ versions: [] })] }],
  ])("are refused: %s", (code, event, seen) => {
    expect(refusalOf(gate, event, seen)).toBe(code);
  });

  it("promote by relabelling: the old version stays loaded and nothing carries a lease", () => {
    const { release: next, effects } = moveOf(inStep(), promoteNow(), safe);
    expect(next).toMatchObject({ state: "PROMOTING", isPreviousWarm: true });
    expect(tableOf(effects)).toMatchObject({
      leaseSeconds: null,
      arms: [
        { versionId: CANDIDATE, arm: "stable", weightBp: 10_000 },
        { versionId: STABLE, arm: "previous", weightBp: 0 },
      ],
    });
    expect(effects).toContainEqual({
      kind: "relabel",
      stableVersionId: CANDIDATE,
      previousVersionId: STABLE,
    });
  });

  it.each<[string, PersonEvent]>([
    ["self_approval", promoteNow({ by: "ana" })],
    ["reason_required", promoteNow({ reason: "" })],
    ["signature_required", promoteNow({ isSigned: false })],
  ])("refuse an override: %s", (code, event) => {
    expect(refusalOf(inStep(), event, safe)).toBe(code);
  });
});

describe("a newer release", () => {
  it.each<[ReleaseState, ReleaseState]>([
    ["DRAFT", "SUPERSEDED"],
    ["APPROVED", "SUPERSEDED"],
    ["WARMING", "SUPERSEDED"],
    ["STEP_ACTIVE", "ROLLING_BACK"],
    ["BAKING", "COMPLETED"],
  ])("ends one that is %s as %s", (state, to) => {
    const { release: next } = moveOf(inStep({ state }), {
      type: "supersede",
      by: "bo",
      newReleaseId: "rel-2",
    });
    expect(next.state).toBe(to);
    if (to === "ROLLING_BACK")
      expect(next.rollback).toMatchObject({ endsAs: "SUPERSEDED", cause: "superseded" });
  });

  it("waits while a promotion is under way", () => {
    expect(
      refusalOf(inStep({ state: "PROMOTING" }), {
        type: "supersede",
        by: "bo",
        newReleaseId: "rel-2",
      }),
    ).toBe("illegal_transition");
  });
});

describe("the buttons", () => {
  it("are the table's, closed ones with their reason", () => {
    const actions = allowedActions(inStep({ state: "AWAITING_GATE" }), "ana", observation());
    expect(actions.map(({ event, refusal }) => [event, refusal?.code ?? "open"])).toEqual([
      ["hold", "open"],
      ["pass_gate", "self_approval"],
      ["promote_now", "self_approval"],
      ["roll_back", "open"],
      ["deprecate", "illegal_transition"],
      ["supersede", "open"],
    ]);
    expect(allowedActions(release({ state: "ROLLED_BACK" }), "ana", observation())).toEqual([]);
  });
});
