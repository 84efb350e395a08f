import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidateWeightBp,
  routeTableProblems,
  successionProblems,
  type RouteTable,
} from "#lib/domain/routing/route-table.ts";
import { decide } from "./decide.ts";
import { STATES_WITH_ROLL_BACK } from "./machine.ts";
import { applyPersonEvent, type PersonEvent } from "./person-event.ts";
import { defaultCanaryPlan, demoCanaryPlan, PRODUCTION_CANARY_POLICY, type Plan } from "./plan.ts";
import { APPROVAL, CANDIDATE, STABLE } from "./release.fixture.ts";
import {
  act,
  crash,
  createWorld,
  effectiveCandidateBp,
  heal,
  isCandidateWarmOn,
  observe,
  pass,
  person,
  read,
  restart,
  synchronise,
  type Applied,
  type World,
} from "./release-world.fixture.ts";
import { releaseWeightBp } from "./release.ts";
import { drillPlan, planOfStrategy } from "./strategy-plans.ts";
import { hasEndedWithoutSuccess, mayHaveWeight } from "./states.ts";
import { VERDICT_KINDS } from "./verdict-report.fixture.ts";
import { guardsPastLimit } from "./verdict.ts";

/**
 * The invariants of the architecture, over random schedules: runtimes that crash, lose contact, lose acks and come back;
 * two controllers that read at one time and write at another; people who interfere; verdicts of every kind.
 */
const RUNS = process.env.SLIPWAY_TEST_FULL === "1" ? 10_000 : 500;
const SEED = Number(process.env.SLIPWAY_TEST_SEED ?? 20_261_123);

const shadow = planOfStrategy("shadow", demoCanaryPlan());
const mirrored = (then: "steps" | "gate" | "deprecate"): Plan => {
  const comparison = shadow.shadow?.comparison;
  if (comparison === undefined) throw new Error("The shadow plan compares nothing.");
  const steps = then === "deprecate" ? [] : shadow.steps;
  return {
    ...shadow,
    steps,
    shadow: { samplingBp: 2_000, dwellSeconds: 10, comparison: { ...comparison, then } },
  };
};

const plans: readonly Plan[] = [
  planOfStrategy("blue_green", demoCanaryPlan()),
  planOfStrategy("ab", demoCanaryPlan()),
  mirrored("steps"),
  mirrored("gate"),
  mirrored("deprecate"),
  drillPlan(demoCanaryPlan(), { kind: "errors", share: 0.5 }),
  demoCanaryPlan(),
  { ...defaultCanaryPlan(PRODUCTION_CANARY_POLICY), bakeSeconds: 900 },
  { ...demoCanaryPlan(), onTimeout: "roll_back", maxStepSeconds: 120 },
  { ...demoCanaryPlan(), shadow: { samplingBp: 1_000, dwellSeconds: 10 } },
  {
    ...demoCanaryPlan(),
    steps: [
      { weightBp: 1_000, dwellSeconds: 10, minUnits: 10, advance: "gate" },
      { weightBp: 5_000, dwellSeconds: 10, minUnits: 10, advance: "safe" },
    ],
  },
  { ...demoCanaryPlan(), strategy: "all_at_once", steps: [] },
  {
    ...demoCanaryPlan(),
    steps: demoCanaryPlan().steps.map((step) => ({ ...step, dwellSeconds: 0 })),
  },
];

type Command = { readonly kind: string; readonly a: number; readonly b: number };

const command = (kind: string, weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), a: fc.nat(2), b: fc.nat(1_000) }),
});
const schedule = fc.array(
  fc.oneof(
    command("sync", 30),
    command("round", 40),
    command("read", 10),
    command("act", 12),
    command("pass", 25),
    command("ack_lost", 6),
    command("crash", 5),
    command("restart", 10),
    command("disconnect", 2),
    command("connect", 6),
    command("fail_load", 1),
    command("verdict", 12),
    command("freeze", 2),
    command("person", 8),
    command("evidence_changes", 1),
  ),
  { minLength: 40, maxLength: 160 },
);

const people = ["ana", "bo", "cy"];

function personEvent({ a, b }: Command): PersonEvent {
  const by = people[a] ?? "bo";
  const events: PersonEvent[] = [
    { type: "submit", by },
    { type: "approve", by, role: "ml_lead", digest: APPROVAL.digest, meaning: "m", reason: "r" },
    { type: "start", by },
    { type: "hold", by, reason: "wait" },
    { type: "resume", by, reason: null },
    { type: "resume", by, reason: "fine" },
    { type: "pass_gate", by, reason: "fine" },
    { type: "pass_gate", by, reason: "fine" },
    { type: "promote_now", by, reason: "deadline", isSigned: b % 2 === 0 },
    { type: "roll_back", by, reason: b % 2 === 0 ? null : "errors" },
    { type: "supersede", by, newReleaseId: "rel-2" },
    { type: "deprecate", by, reason: "seen enough" },
    { type: "cancel", by, reason: null },
    { type: "reject", by, reason: "no" },
  ];
  return events[b % events.length] ?? { type: "start", by };
}

const commands: Readonly<Record<string, (world: World, command: Command) => void>> = {
  sync: (world, { a }) => onRuntime(world, a, (runtime) => synchronise(world, runtime, true)),
  ack_lost: (world, { a }) => onRuntime(world, a, (runtime) => synchronise(world, runtime, false)),
  crash: (world, { a }) => onRuntime(world, a, crash),
  restart: (world, { a }) =>
    onRuntime(world, a, (runtime) => (runtime.isUp ? undefined : restart(runtime))),
  disconnect: (world, { a }) =>
    onRuntime(world, a, (runtime) => void (runtime.isConnected = false)),
  connect: (world, { a }) => onRuntime(world, a, (runtime) => void (runtime.isConnected = true)),
  fail_load: (world, { a }) =>
    onRuntime(world, a, (runtime) => void runtime.loaded.set(CANDIDATE, "failed")),
  pass: (world, { b }) => pass(world, b % 10 === 0 ? b * 400 : b * 10),
  read: (world, { a }) => read(world, a % 2),
  act: (world, { a }) => void act(world, a % 2),
  round: (world, { a }) => {
    for (const runtime of world.runtimes) synchronise(world, runtime, true);
    read(world, a % 2);
    act(world, a % 2);
    pass(world, 2_000);
  },
  verdict: (world, { b }) =>
    void (world.verdictKind =
      VERDICT_KINDS[b % (b % 3 === 0 ? VERDICT_KINDS.length : 2)] ?? "SAFE"),
  freeze: (world) => void (world.isFrozen = !world.isFrozen),
  person: (world, given) => void person(world, personEvent(given)),
  evidence_changes: (world) => {
    const { state } = world.release;
    if (state !== "DRAFT" && state !== "PENDING_APPROVAL" && state !== "APPROVED") return;
    world.release = { ...world.release, digest: "sha256:other" };
    world.rowVersion += 1;
  },
};

function onRuntime(
  world: World,
  index: number,
  act: (runtime: World["runtimes"][number]) => void,
): void {
  const runtime = world.runtimes[index % world.runtimes.length];
  if (runtime !== undefined) act(runtime);
}

const versionWeight = (table: RouteTable, versionId: string) =>
  table.arms.reduce(
    (sum, arm) => (arm.versionId === versionId && arm.arm !== "shadow" ? sum + arm.weightBp : sum),
    0,
  );

/** A move that gives the candidate more weight must have had the right to. */
function expectRightToRise({ before, move, seen }: Applied): void {
  if (releaseWeightBp(move.release) <= releaseWeightBp(before)) return;
  const { verdict, runtimes } = seen;
  const reachable = runtimes.filter(({ isReachable }) => isReachable);
  expect(reachable.length).toBeGreaterThan(0);
  expect(reachable.every(isCandidateWarmOn)).toBe(true);
  if (move.event === "promote_now") return;
  expect(["enter_step", "promote", "pass_gate"]).toContain(move.event);
  if (before.state === "WARMING" || before.state === "SHADOWING") return;
  expect(before.plan.drill).toBeUndefined();
  if (releaseWeightBp(before) === 0) {
    // From 0 % only a person switches, and only after golden inputs were answered as before.
    expect(move.event).toBe("pass_gate");
    if (before.plan.strategy === "blue_green")
      expect(seen.smokeTest).toEqual({ passed: 1, total: 1 });
    return;
  }
  expect(verdict).not.toBeNull();
  if (verdict === null) return;
  expect(["SAFE", "INSUFFICIENT", "TIMED_OUT"]).toContain(verdict.verdict);
  expect(guardsPastLimit(verdict, before.acceptedHolds)).toEqual([]);
  if (move.event === "pass_gate") return;
  expect(
    runtimes.every(
      ({ isReachable, appliedEpoch }) => isReachable && appliedEpoch >= (before.stepEpoch ?? 0),
    ),
  ).toBe(true);
  const step = before.plan.steps[before.stepIndex ?? 0];
  expect(verdict.stepUnits.have).toBeGreaterThanOrEqual(verdict.stepUnits.need);
  if (step?.advance === "safe" || step?.advance === "better") expect(verdict.verdict).toBe("SAFE");
  if (step?.advance === "better") expect(verdict.outcome?.word).toBe("BETTER");
  if (step?.advance === "no-harm")
    expect(step.weightBp).toBeLessThanOrEqual(before.plan.exposureCapBp);
  expect(step?.advance).not.toBe("gate");
}

function expectMove(applied: Applied): void {
  const { before, move, seen } = applied;
  const decisions = move.effects.filter((effect) => effect.kind === "record_decision");
  expect(decisions).toHaveLength(1);
  expect(decisions[0]).toMatchObject({
    decision: { from: before.state, to: move.release.state, event: move.event },
  });
  expectRightToRise(applied);
  expectConfirmed(applied);
  const isHarm = seen.verdict?.verdict === "HARM" && seen.verdict.action === "roll_back";
  const isBlind = (seen.verdict?.blindSeconds ?? 0) >= before.plan.blindLimitSeconds;
  const burnt = seen.runtimes.some(
    ({ safeState }) => (safeState?.burntEpoch ?? 0) >= (before.firstWeightEpoch ?? Infinity),
  );
  const byController = move.event !== "hold" && move.event !== "resume";
  if (
    byController &&
    ["STEP_ACTIVE", "HOLDING", "AWAITING_GATE"].includes(before.state) &&
    (isHarm || isBlind || burnt)
  ) {
    expect(releaseWeightBp(move.release)).toBe(0);
  }
}

/** A rollback is over only when each runtime confirmed and drained, or has been silent for the dead-man time. */
function expectConfirmed({ before, move, seen, nowMs }: Applied): void {
  if (move.event !== "finish_rollback") return;
  for (const { isReachable, appliedEpoch, isDrained, lastContactMs } of seen.runtimes) {
    const hasConfirmed = appliedEpoch >= (before.rollback?.epoch ?? Infinity) && isDrained;
    const isGivenUp = !isReachable && nowMs - lastContactMs >= before.plan.deadmanSeconds * 1000;
    expect(hasConfirmed || isGivenUp).toBe(true);
  }
}

function expectTables(world: World): void {
  for (const [index, table] of world.tables.entries()) {
    expect(routeTableProblems(table)).toEqual([]);
    const previous = world.tables[index - 1];
    if (previous !== undefined) expect(successionProblems(previous, table)).toEqual([]);
    if (candidateWeightBp(table) > 0)
      expect(versionWeight(table, STABLE)).toBe(10_000 - candidateWeightBp(table));
  }
  const { release } = world;
  const table = world.tables.at(-1);
  if (table === undefined) return;
  if (release.state === "ROLLING_BACK" || hasEndedWithoutSuccess(release.state)) {
    expect(versionWeight(table, CANDIDATE)).toBe(0);
    expect(world.stableVersionId).toBe(STABLE);
  }
  if (mayHaveWeight(release.state))
    expect(versionWeight(table, CANDIDATE)).toBe(releaseWeightBp(release));
}

function expectRuntimes(world: World): void {
  for (const runtime of world.runtimes) {
    expect(runtime.table.epoch).toBe(runtime.highestEpoch);
    if (effectiveCandidateBp(runtime) === 0) continue;
    expect(runtime.loaded.get(CANDIDATE)).toBe("ready");
    expect(runtime.table.epoch).toBeGreaterThan(runtime.burntEpoch);
  }
}

function expectWayBack(world: World): void {
  const { release } = world;
  if (
    release.state === "COMPLETED" ||
    !(STATES_WITH_ROLL_BACK as readonly string[]).includes(release.state)
  )
    return;
  const step = applyPersonEvent(
    release,
    { type: "roll_back", by: "anybody", reason: null },
    observe(world),
    world.nowMs,
  );
  expect(step.ok && releaseWeightBp(step.move.release)).toBe(0);
}

function expectSameTwice(world: World): void {
  const seen = observe(world);
  const [first, second] = [
    decide(world.release, seen, world.nowMs),
    decide(world.release, seen, world.nowMs),
  ];
  expect(JSON.stringify(first)).toBe(JSON.stringify(second));
}

function runSchedule(
  planIndex: number,
  runtimeCount: number,
  isApproved: boolean,
  list: readonly Command[],
): World {
  const world = createWorld(plans[planIndex] ?? demoCanaryPlan(), runtimeCount);
  if (isApproved) {
    person(world, { type: "submit", by: "ana" });
    person(world, {
      type: "approve",
      by: "bo",
      role: "ml_lead",
      digest: APPROVAL.digest,
      meaning: "m",
      reason: "r",
    });
    person(world, { type: "start", by: "ana" });
  }
  let checked = 0;
  for (const given of list) {
    commands[given.kind]?.(world, given);
    for (const applied of world.applied.slice(checked)) expectMove(applied);
    const hasMoved = world.applied.length > checked;
    checked = world.applied.length;
    if (hasMoved) {
      expectTables(world);
      expectWayBack(world);
      expectSameTwice(world);
    }
    expectRuntimes(world);
  }
  return world;
}

describe(`over ${RUNS} random schedules (seed ${SEED})`, () => {
  it(
    "weights, epochs, rights to rise and the way back hold, and everything comes to an end",
    { timeout: 600_000 },
    () => {
      const reached = new Map<string, number>();
      fc.assert(
        fc.property(
          fc.nat(plans.length - 1),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 0, max: 4 }),
          schedule,
          (planIndex, count, approved, list) => {
            const world = runSchedule(planIndex, count, approved > 0, list);
            for (const { move } of world.applied)
              reached.set(move.release.state, (reached.get(move.release.state) ?? 0) + 1);
            expect(heal(world)).toBe("ended");
            expectTables(world);
            for (const { move } of world.applied)
              reached.set(move.release.state, (reached.get(move.release.state) ?? 0) + 1);
            if (world.release.state !== "COMPLETED") {
              expect(world.runtimes.map(effectiveCandidateBp)).toEqual(world.runtimes.map(() => 0));
            }
          },
        ),
        { numRuns: RUNS, seed: SEED },
      );
      // The schedules must get everywhere, or they would prove nothing.
      const everywhere = [
        "SHADOWING",
        "STEP_ACTIVE",
        "HOLDING",
        "AWAITING_GATE",
        "PROMOTING",
        "BAKING",
        "COMPLETED",
        "ROLLED_BACK",
        "ABORTED",
        "DEPRECATED",
        "SUPERSEDED",
        "CANCELLED",
      ];
      expect(everywhere.filter((state) => !reached.has(state))).toEqual([]);
    },
  );
});
