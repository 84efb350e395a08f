import { describe, expect, it } from "vitest";
import type { BakeReport } from "./bake.ts";
import { decide } from "./decide.ts";
import type { Observation, RuntimeFact } from "./observation.ts";
import { demoCanaryPlan } from "./plan.ts";
import { APPROVAL, CANDIDATE, observation, release, runtime, STABLE } from "./release.fixture.ts";
import type { Release } from "./release.ts";
import type { HoldReason } from "./states.ts";
import { verdictReport } from "./verdict-report.fixture.ts";

const NOW = 1_000_000;
const decided = (of: Release, seen: Partial<Observation> = {}, nowMs = NOW) =>
  decide(of, observation(seen), nowMs);
const waitOf = (...parameters: Parameters<typeof decided>) => {
  const decision = decided(...parameters);
  return decision.kind === "stay" ? decision.wait.code : `moves: ${decision.event}`;
};
const eventOf = (...parameters: Parameters<typeof decided>) => {
  const decision = decided(...parameters);
  return decision.kind === "move"
    ? `${decision.event} ${decision.release.state}`
    : `stays: ${decision.wait.code}`;
};
const tableOf = (...parameters: Parameters<typeof decided>) => {
  const decision = decided(...parameters);
  const effects = decision.kind === "move" ? decision.effects : [];
  return effects.find((effect) => effect.kind === "route")?.table;
};

const reference = {
  latencyThresholdsUs: { p95: 3_000, p99: 30_000 },
  rates: {
    error: { bad: 0, of: 900 },
    latencyP95: { bad: 45, of: 900 },
    latencyP99: { bad: 9, of: 900 },
    wrongLabel: { bad: 9, of: 300 },
  },
  requests: 900,
  windows: 30,
};
const ready = release({ state: "WARMING", approvals: [APPROVAL], stateSinceMs: NOW - 1_000 });

/** In the demo plan's step of that index, applied everywhere a minute ago. */
const inStep = (stepIndex: number, over: Partial<Release> = {}): Release =>
  release({
    state: "STEP_ACTIVE",
    approvals: [APPROVAL],
    stepIndex,
    stepEpoch: 4,
    stepSinceMs: NOW - 60_000,
    stateSinceMs: NOW - 60_000,
    epoch: 4,
    firstWeightEpoch: 2,
    reference,
    ...over,
  });
const applied = (over: Partial<RuntimeFact> = {}): RuntimeFact =>
  runtime({ appliedEpoch: 4, appliedAtMs: NOW - 60_000, lastContactMs: NOW, ...over });
const inStepSeen = (
  kind: Parameters<typeof verdictReport>[0],
  stepIndex: number,
  over: Partial<Observation> = {},
) => ({
  endpoint: { epoch: 4, stableVersionId: STABLE, activeReleaseId: "rel-1" },
  runtimes: [applied()],
  verdict: verdictReport(kind, stepIndex),
  ...over,
});
const held = (reason: HoldReason, over: Partial<Release> = {}): Release =>
  inStep(1, {
    state: "HOLDING",
    hold: { reason, personId: null, note: null, sinceMs: NOW - 5_000 },
    ...over,
  });

describe("before the start", () => {
  const approved = release({ state: "APPROVED", approvals: [APPROVAL] });

  it("starts by itself when the plan says so and nothing forbids it", () => {
    expect(eventOf(approved)).toBe("start_by_plan PROVISIONING");
    expect(waitOf({ ...approved, startsAutomatically: false })).toBe("awaiting_start");
  });

  it.each<[string, Partial<Observation>]>([
    ["checklist_open", { checklistOpen: ["Model card"] }],
    ["change_freeze", { freeze: { name: "Year end", untilMs: NOW + 1 } }],
    [
      "endpoint_busy",
      { endpoint: { epoch: 1, stableVersionId: STABLE, activeReleaseId: "rel-0" } },
    ],
    ["stable_changed", { endpoint: { epoch: 1, stableVersionId: "v9", activeReleaseId: null } }],
  ])("waits: %s", (code, seen) => {
    expect(waitOf(approved, seen)).toBe(code);
  });

  it("asks again for approvals when plan or evidence changed", () => {
    expect(eventOf({ ...approved, digest: "sha256:other" })).toBe(
      "void_approvals PENDING_APPROVAL",
    );
    expect(waitOf({ ...approved, state: "PENDING_APPROVAL", digest: "sha256:other" })).toBe(
      "evidence_changed",
    );
    expect(waitOf(release({ state: "PENDING_APPROVAL" }))).toBe("awaiting_approval");
  });

  it("expires unanswered", () => {
    expect(eventOf({ ...approved, expiresAtMs: NOW })).toBe("expire EXPIRED");
    expect(eventOf(release({ state: "PENDING_APPROVAL", expiresAtMs: NOW - 1 }))).toBe(
      "expire EXPIRED",
    );
  });
});

describe("loading and warming", () => {
  const on = (state: "loading" | "warming" | "ready" | "failed", over = {}) =>
    runtime({
      versions: [
        {
          versionId: CANDIDATE,
          state,
          isDigestEqual: true,
          goldenPassed: 3,
          goldenTotal: 3,
          problem: null,
          ...over,
        },
      ],
    });
  const provisioning = { ...ready, state: "PROVISIONING" as const };

  it("waits for every runtime", () => {
    expect(waitOf(provisioning, { runtimes: [] })).toBe("no_runtime");
    expect(waitOf(provisioning, { runtimes: [on("ready"), on("loading")] })).toBe("loading");
    expect(eventOf(provisioning, { runtimes: [on("ready"), on("warming")] })).toBe(
      "all_loaded WARMING",
    );
    expect(waitOf(ready, { runtimes: [on("ready"), on("warming")], reference })).toBe("warming");
  });

  it("gives weight only when warm everywhere with every golden input answered as expected", () => {
    expect(waitOf(ready, { runtimes: [on("ready", { goldenPassed: 2 })], reference })).toBe(
      "warming",
    );
    expect(eventOf(ready, { runtimes: [on("ready")], reference })).toBe("enter_step STEP_ACTIVE");
  });

  it("gives the first step its weight under a lease, with thresholds frozen from before the release", () => {
    const decision = decided(ready, { reference });
    expect(tableOf(ready, { reference })).toMatchObject({
      epoch: 2,
      leaseSeconds: 300,
      arms: [
        { versionId: STABLE, arm: "stable", weightBp: 9_000 },
        { versionId: CANDIDATE, arm: "candidate", weightBp: 1_000 },
      ],
    });
    expect(decision).toMatchObject({
      release: {
        stepIndex: 0,
        firstWeightEpoch: 2,
        reference: { latencyThresholdsUs: { p95: 20_000, p99: 30_000 } },
      },
    });
  });

  it("waits until stable's latency is known, and for the end of a change freeze", () => {
    expect(waitOf(ready)).toBe("awaiting_reference");
    expect(waitOf(ready, { reference, freeze: { name: "Year end", untilMs: NOW + 1 } })).toBe(
      "change_freeze",
    );
  });

  it.each<[string, RuntimeFact]>([
    ["a failed load", on("failed", { problem: "unsupported opset" })],
    ["another digest than the registered one", on("ready", { isDigestEqual: false })],
  ])("stops at %s, before any weight", (_, fact) => {
    expect(eventOf(ready, { runtimes: [fact], reference })).toBe("abort ABORTED");
    expect(tableOf(ready, { runtimes: [fact], reference })?.arms).toHaveLength(1);
  });

  it("stops when it takes too long", () => {
    expect(eventOf({ ...ready, stateSinceMs: NOW - 120_000 }, { runtimes: [on("loading")] })).toBe(
      "abort ABORTED",
    );
  });

  it("mirrors first where the plan says so", () => {
    const plan = { ...demoCanaryPlan(), shadow: { samplingBp: 500, dwellSeconds: 60 } };
    expect(eventOf({ ...ready, plan }, { reference })).toBe("begin_shadow SHADOWING");
    const shadowing = release({ plan, state: "SHADOWING", epoch: 2, reference });
    const seen = (agoMs: number) => ({
      runtimes: [runtime({ appliedEpoch: 2, appliedAtMs: NOW - agoMs })],
    });
    expect(waitOf(shadowing, seen(59_000))).toBe("shadowing");
    expect(eventOf(shadowing, seen(60_000))).toBe("enter_step STEP_ACTIVE");
  });

  it("asks the checklist again between mirroring and the first weight", () => {
    const plan = { ...demoCanaryPlan(), shadow: { samplingBp: 500, dwellSeconds: 60 } };
    const shadowing = release({ plan, state: "SHADOWING", epoch: 2, reference });
    const seen = {
      runtimes: [runtime({ appliedEpoch: 2, appliedAtMs: NOW - 60_000 })],
      checklistOpen: ["REL-3 Rollback tested in staging"],
    };
    expect(waitOf(shadowing, seen)).toBe("checklist_open");
    expect(eventOf(shadowing, { ...seen, checklistOpen: [] })).toBe("enter_step STEP_ACTIVE");
  });
});

describe("a step without harm", () => {
  it("is left after its dwell with its units, though guards are undecided", () => {
    expect(eventOf(inStep(0), inStepSeen("INSUFFICIENT", 0))).toBe("enter_step STEP_ACTIVE");
    expect(tableOf(inStep(0), inStepSeen("INSUFFICIENT", 0))?.arms[1]?.weightBp).toBe(2_500);
  });

  it.each<[string, Partial<Observation>]>([
    [
      "minimum_dwell",
      inStepSeen("SAFE", 0, { runtimes: [applied({ appliedAtMs: NOW - 29_000 })] }),
    ],
    ["awaiting_samples", inStepSeen("FEW_UNITS", 0)],
    ["awaiting_samples", inStepSeen("SAFE", 0, { verdict: null })],
    ["awaiting_samples", inStepSeen("SAFE", 0, { verdict: verdictReport("SAFE", 2) })],
    [
      "awaiting_runtimes",
      inStepSeen("SAFE", 0, { runtimes: [applied(), applied({ appliedEpoch: 3 })] }),
    ],
    ["awaiting_runtimes", inStepSeen("SAFE", 0, { runtimes: [applied({ versions: [] })] })],
    ["change_freeze", inStepSeen("SAFE", 0, { freeze: { name: "Year end", untilMs: NOW + 9 } })],
  ])("waits: %s", (code, seen) => {
    expect(waitOf(inStep(0), seen)).toBe(code);
  });

  it("above the exposure cap needs proof all the same", () => {
    const capped = inStep(0, { plan: { ...demoCanaryPlan(), exposureCapBp: 500 } });
    expect(eventOf(capped, inStepSeen("INSUFFICIENT", 0))).not.toContain("enter_step");
  });
});

describe("a step on proof", () => {
  it("waits while undecided, is shown as holding when that lasts, and goes on when proven", () => {
    expect(waitOf(inStep(1), inStepSeen("INSUFFICIENT", 1))).toBe("undecided");
    const late = inStep(1, { stepSinceMs: NOW - 90_000 });
    expect(decided(late, inStepSeen("INSUFFICIENT", 1))).toMatchObject({
      release: { state: "HOLDING", hold: { reason: "UNDECIDED" } },
    });
    expect(
      waitOf(held("UNDECIDED", { stepSinceMs: NOW - 90_000 }), inStepSeen("INSUFFICIENT", 1)),
    ).toBe("undecided");
    expect(eventOf(held("UNDECIDED"), inStepSeen("SAFE", 1))).toBe("end_hold STEP_ACTIVE");
    expect(eventOf(inStep(1), inStepSeen("SAFE", 1))).toBe("enter_step STEP_ACTIVE");
  });

  it("ends in promotion after the last step, never in a step of 100 %", () => {
    expect(eventOf(inStep(2), inStepSeen("SAFE", 2))).toBe("promote PROMOTING");
  });

  it("opens a gate where the plan wants a person", () => {
    const plan = {
      ...demoCanaryPlan(),
      steps: demoCanaryPlan().steps.map((step) => ({ ...step, advance: "gate" as const })),
    };
    expect(eventOf(inStep(0, { plan }), inStepSeen("INSUFFICIENT", 0))).toBe(
      "open_gate AWAITING_GATE",
    );
    const gate = inStep(0, { plan, state: "AWAITING_GATE" });
    expect(waitOf(gate, inStepSeen("SAFE", 0))).toBe("awaiting_gate");
    expect(eventOf(gate, inStepSeen("BLIND", 0))).toBe("suspend HOLDING");
    expect(eventOf({ ...gate, stateSinceMs: NOW - 86_400_000 }, inStepSeen("SAFE", 0))).toBe(
      "suspend HOLDING",
    );
  });

  it("out of time holds for a person, or falls back, as the plan says", () => {
    const late = inStep(1, { stepSinceMs: NOW - 1_200_000 });
    const decision = decided(late, inStepSeen("INSUFFICIENT", 1));
    expect(decision).toMatchObject({
      release: { state: "HOLDING", hold: { reason: "TIMED_OUT" } },
    });
    expect(waitOf(held("TIMED_OUT"), inStepSeen("SAFE", 1))).toBe("timed_out");
    const strict = { ...late, plan: { ...late.plan, onTimeout: "roll_back" as const } };
    expect(decided(strict, inStepSeen("INSUFFICIENT", 1))).toMatchObject({
      release: { rollback: { cause: "timed_out" } },
    });
  });
});

describe("what stops a step", () => {
  it.each<[HoldReason, Partial<Observation>]>([
    ["BLIND", inStepSeen("BLIND", 1)],
    ["INVALID", inStepSeen("INVALID", 1)],
    ["LIMIT_CROSSED", inStepSeen("HARM_HOLD", 1)],
    [
      "RUNTIME_UNREACHABLE",
      inStepSeen("SAFE", 1, { runtimes: [applied(), applied({ isReachable: false })] }),
    ],
    [
      "STABLE_UNHEALTHY",
      inStepSeen("SAFE", 1, { verdict: { ...verdictReport("SAFE", 1), isStableUnhealthy: true } }),
    ],
  ])("holds: %s, and weights stay", (reason, seen) => {
    const decision = decided(inStep(1), seen);
    expect(decision).toMatchObject({
      event: "suspend",
      release: { state: "HOLDING", epoch: 4, hold: { reason } },
    });
    expect(tableOf(inStep(1), seen)).toBeUndefined();
    expect(decided(held(reason), seen).kind).toBe("stay");
  });

  it("is left again when its cause is gone; a crossed limit and a person's hold only by a person", () => {
    expect(eventOf(held("BLIND"), inStepSeen("SAFE", 1))).toBe("end_hold STEP_ACTIVE");
    expect(waitOf(held("LIMIT_CROSSED"), inStepSeen("SAFE", 1))).toBe("limit_crossed");
    expect(waitOf(held("MANUAL"), inStepSeen("SAFE", 1))).toBe("held_by");
    const accepted = inStep(1, { acceptedHolds: ["predictions"] });
    expect(
      eventOf(accepted, {
        ...inStepSeen("SAFE", 1),
        verdict: verdictReport("HARM_HOLD", 1, ["predictions"]),
      }),
    ).toBe("enter_step STEP_ACTIVE");
  });

  it.each<[string, string, Partial<Observation>]>([
    ["harm", "harm", inStepSeen("HARM", 1)],
    ["long blindness", "blind", inStepSeen("BLIND_LONG", 1)],
    [
      "a runtime that saved itself",
      "runtime_safety",
      inStepSeen("SAFE", 1, {
        runtimes: [applied({ safeState: { burntEpoch: 4, cause: "dead_man" } })],
      }),
    ],
    [
      "a crash loop",
      "guard_rail",
      inStepSeen("SAFE", 1, {
        guardRails: [{ kind: "host_crash_loop", runtimeId: "rt-0", detail: "Crashed 5 times." }],
      }),
    ],
    [
      "a load that failed on one runtime",
      "guard_rail",
      inStepSeen("SAFE", 1, {
        runtimes: [
          applied(),
          applied({
            versions: [
              {
                versionId: CANDIDATE,
                state: "failed",
                isDigestEqual: true,
                goldenPassed: null,
                goldenTotal: null,
                problem: "out of memory",
              },
            ],
          }),
        ],
      }),
    ],
  ])("rolls back on %s, also while a person holds it", (_, cause, seen) => {
    for (const of of [inStep(1), held("MANUAL"), inStep(1, { state: "AWAITING_GATE" })]) {
      const decision = decided(of, seen);
      expect(decision).toMatchObject({
        event: "fall_back",
        release: { state: "ROLLING_BACK", rollback: { cause } },
      });
      expect(tableOf(of, seen)).toMatchObject({
        epoch: 5,
        leaseSeconds: null,
        arms: [{ versionId: STABLE, weightBp: 10_000 }],
      });
    }
  });
});

describe("promotion and bake", () => {
  const promoting = inStep(2, {
    state: "PROMOTING",
    stepIndex: null,
    stepEpoch: null,
    promotionEpoch: 5,
    epoch: 5,
    isPreviousWarm: true,
  });
  const baking: Release = { ...promoting, state: "BAKING", stateSinceMs: NOW - 30_000 };
  const endpoint = { epoch: 5, stableVersionId: CANDIDATE, activeReleaseId: "rel-1" };
  const on5 = (over: Partial<RuntimeFact> = {}) =>
    applied({ appliedEpoch: 5, appliedAtMs: NOW - 30_000, ...over });
  const bake = (over: Partial<BakeReport> = {}): BakeReport => ({
    format: "slipway.bake/1",
    word: "CLEAR",
    action: null,
    requests: 500,
    guards: [],
    ...over,
  });

  it("waits for every runtime, gives up silent ones after the dead-man time, and names them", () => {
    expect(waitOf(promoting, { endpoint, runtimes: [on5(), applied()] })).toBe("promoting");
    const silent = applied({ runtimeId: "rt-1", isReachable: false, lastContactMs: NOW - 300_000 });
    expect(decided(promoting, { endpoint, runtimes: [on5(), silent] })).toMatchObject({
      release: { state: "BAKING", fencedRuntimeIds: ["rt-1"] },
    });
  });

  it("completes after the bake with data, and not without", () => {
    const seen = { endpoint, runtimes: [on5()] };
    expect(eventOf(baking, { ...seen, bake: bake() })).toBe("complete COMPLETED");
    expect(waitOf({ ...baking, stateSinceMs: NOW - 29_000 }, { ...seen, bake: bake() })).toBe(
      "baking",
    );
    expect(waitOf(baking, { ...seen, bake: bake({ word: "NO_DATA", requests: 0 }) })).toBe(
      "no_data",
    );
    expect(waitOf(baking, { ...seen, bake: bake(), bakeBlindSeconds: 40 })).toBe("no_data");
  });

  it("rolls back on harm against the frozen reference, and gives the old version its name back", () => {
    const seen = { endpoint, runtimes: [on5()], bake: bake({ word: "HARM", action: "roll_back" }) };
    expect(decided(baking, seen)).toMatchObject({
      release: { state: "ROLLING_BACK", rollback: { cause: "bake_harm" } },
    });
    const decision = decided(baking, seen);
    const effects = decision.kind === "move" ? decision.effects : [];
    expect(effects).toContainEqual({
      kind: "relabel",
      stableVersionId: STABLE,
      previousVersionId: null,
    });
  });

  it("is not disturbed by an epoch that was burnt before the promotion", () => {
    const old = on5({ safeState: { burntEpoch: 4, cause: "dead_man" } });
    expect(eventOf(baking, { endpoint, runtimes: [old], bake: bake() })).toBe("complete COMPLETED");
    const own = on5({ safeState: { burntEpoch: 5, cause: "host_crash_loop" } });
    expect(eventOf(baking, { endpoint, runtimes: [own], bake: bake() })).toBe(
      "fall_back ROLLING_BACK",
    );
  });

  it("lets the old version go after its time, unless another release has the endpoint", () => {
    const completed: Release = { ...baking, state: "COMPLETED", stateSinceMs: NOW - 3_600_000 };
    const free = { ...endpoint, activeReleaseId: null };
    expect(eventOf(completed, { endpoint: free })).toBe("release_previous COMPLETED");
    expect(waitOf({ ...completed, stateSinceMs: NOW }, { endpoint: free })).toBe("ended");
    expect(waitOf(completed, { endpoint: { ...free, activeReleaseId: "rel-2" } })).toBe("ended");
    expect(waitOf(completed, { endpoint: { ...free, epoch: 9 } })).toBe("ended");
  });
});

describe("rolling back", () => {
  const rolling = inStep(1, {
    state: "ROLLING_BACK",
    epoch: 5,
    rollback: {
      cause: "harm",
      personId: null,
      reason: null,
      orderedAtMs: NOW - 900,
      epoch: 5,
      fromWeightBp: 2_500,
      endsAs: "ROLLED_BACK",
      finishedAtMs: null,
    },
  });

  it("is over when each runtime applied the epoch and its last candidate answer has left", () => {
    const on5 = applied({ appliedEpoch: 5 });
    expect(waitOf(rolling, { runtimes: [on5, applied()] })).toBe("rolling_back");
    expect(waitOf(rolling, { runtimes: [on5, { ...on5, isDrained: false }] })).toBe("rolling_back");
    expect(decided(rolling, { runtimes: [on5, on5] })).toMatchObject({
      release: { state: "ROLLED_BACK", rollback: { finishedAtMs: NOW } },
    });
  });

  it("gives up a silent runtime after the dead-man time and names it", () => {
    const silent = (agoMs: number) =>
      applied({ runtimeId: "rt-9", isReachable: false, lastContactMs: NOW - agoMs });
    expect(waitOf(rolling, { runtimes: [silent(299_000)] })).toBe("rolling_back");
    expect(decided(rolling, { runtimes: [silent(300_000)] })).toMatchObject({
      release: { state: "ROLLED_BACK", fencedRuntimeIds: ["rt-9"] },
    });
  });

  it("ends as superseded when a newer release was the cause", () => {
    const superseded = {
      ...rolling,
      rollback: rolling.rollback && { ...rolling.rollback, endsAs: "SUPERSEDED" as const },
    };
    expect(eventOf(superseded, { runtimes: [applied({ appliedEpoch: 5 })] })).toBe(
      "finish_rollback SUPERSEDED",
    );
  });
});
