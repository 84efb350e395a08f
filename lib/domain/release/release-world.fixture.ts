import type { RouteTable } from "#lib/domain/routing/route-table.ts";
import type { Decision } from "./decision.ts";
import { decide } from "./decide.ts";
import type { Move } from "./move.ts";
import {
  isWarm,
  versionOn,
  type Observation,
  type RuntimeFact,
  type VersionState,
} from "./observation.ts";
import { applyPersonEvent, type PersonEvent } from "./person-event.ts";
import type { Plan } from "./plan.ts";
import { CANDIDATE, observation, release as aRelease, STABLE } from "./release.fixture.ts";
import { isShadowing } from "./judge-context.ts";
import { releaseWeightBp, type Release } from "./release.ts";
import { isEnd, isStarted } from "./states.ts";
import type { VerdictReport } from "./verdict.ts";
import { outcomeOf, pairedOf, verdictReport, type VerdictKind } from "./verdict-report.fixture.ts";

/** A runtime as it is, beside what the control plane last heard of it (`fact`). */
export type SimRuntime = {
  readonly id: string;
  isUp: boolean;
  isConnected: boolean;
  table: RouteTable;
  burntEpoch: number;
  safeCause: "dead_man" | null;
  isDrained: boolean;
  lastContactMs: number;
  readonly loaded: Map<string, VersionState>;
  fact: RuntimeFact;
  highestEpoch: number;
};

/** What one controller read, some time ago. */
type Snapshot = {
  readonly rowVersion: number;
  readonly release: Release;
  readonly seen: Observation;
  readonly nowMs: number;
};

export type Applied = {
  readonly before: Release;
  readonly move: Move;
  readonly seen: Observation;
  readonly nowMs: number;
};

export type World = {
  nowMs: number;
  release: Release;
  rowVersion: number;
  stableVersionId: string;
  readonly tables: RouteTable[];
  readonly runtimes: SimRuntime[];
  readonly snapshots: (Snapshot | null)[];
  readonly applied: Applied[];
  verdictKind: VerdictKind;
  isFrozen: boolean;
};

const FIRST_TABLE: RouteTable = {
  endpointId: "ep-1",
  epoch: 1,
  salt: "salt-0",
  releaseId: null,
  arms: [{ versionId: STABLE, arm: "stable", weightBp: 10_000 }],
  leaseSeconds: null,
  cause: "endpoint_created",
};

const UNREACHABLE_MS = 10_000;

export function createWorld(plan: Plan, runtimes: number): World {
  const world: World = {
    nowMs: 0,
    release: aRelease({ plan, startsAutomatically: false }),
    rowVersion: 1,
    stableVersionId: STABLE,
    tables: [FIRST_TABLE],
    runtimes: [],
    snapshots: [null, null],
    applied: [],
    verdictKind: "INSUFFICIENT",
    isFrozen: false,
  };
  for (let index = 0; index < runtimes; index += 1) world.runtimes.push(newRuntime(`rt-${index}`));
  return world;
}

function newRuntime(id: string): SimRuntime {
  const loaded = new Map<string, VersionState>([[STABLE, "ready"]]);
  const fact: RuntimeFact = {
    runtimeId: id,
    name: id,
    isReachable: true,
    lastContactMs: 0,
    appliedEpoch: 1,
    appliedAtMs: 0,
    isDrained: true,
    safeState: null,
    versions: [],
  };
  return {
    id,
    isUp: true,
    isConnected: true,
    table: FIRST_TABLE,
    burntEpoch: 0,
    safeCause: null,
    isDrained: true,
    lastContactMs: 0,
    loaded,
    fact,
    highestEpoch: 1,
  };
}

export const currentTable = (world: World): RouteTable => world.tables.at(-1) ?? FIRST_TABLE;

/** The share of traffic that the candidate version really gets on a runtime. */
export function effectiveCandidateBp(runtime: SimRuntime): number {
  const arm = runtime.table.arms.find(
    ({ versionId, arm: role }) =>
      versionId === CANDIDATE && (role === "candidate" || role === "stable"),
  );
  const mayServe =
    runtime.loaded.get(CANDIDATE) === "ready" && runtime.table.epoch > runtime.burntEpoch;
  return runtime.isUp && mayServe ? (arm?.weightBp ?? 0) : 0;
}

const wanted = (world: World): string[] => [
  ...new Set([
    ...currentTable(world).arms.map(({ versionId }) => versionId),
    ...(isStarted(world.release.state) && world.release.state !== "ROLLING_BACK"
      ? [CANDIDATE]
      : []),
  ]),
];

const NEXT_STATE: Readonly<Record<VersionState, VersionState>> = {
  downloading: "loading",
  loading: "warming",
  warming: "ready",
  ready: "ready",
  failed: "failed",
  retiring: "retiring",
};

/** One exchange with the control plane: newest table applied, loading goes on, and the ack is heard or lost. */
export function synchronise(world: World, runtime: SimRuntime, isAckHeard: boolean): void {
  if (!runtime.isUp || !runtime.isConnected) return;
  runtime.lastContactMs = world.nowMs;
  for (const versionId of wanted(world)) {
    const state = runtime.loaded.get(versionId);
    runtime.loaded.set(versionId, state === undefined ? "loading" : NEXT_STATE[state]);
  }
  const table = currentTable(world);
  if (table.epoch > runtime.table.epoch) {
    runtime.table = table;
    runtime.isDrained = false;
    runtime.safeCause = null;
    runtime.highestEpoch = Math.max(runtime.highestEpoch, table.epoch);
  } else {
    runtime.isDrained = true;
  }
  if (isAckHeard) hear(world, runtime);
}

function hear(world: World, runtime: SimRuntime): void {
  const { fact, table } = runtime;
  runtime.fact = {
    ...fact,
    lastContactMs: world.nowMs,
    appliedEpoch: table.epoch,
    appliedAtMs:
      fact.appliedEpoch === table.epoch ? (fact.appliedAtMs ?? world.nowMs) : world.nowMs,
    isDrained: runtime.isDrained,
    safeState:
      runtime.safeCause === null
        ? null
        : { burntEpoch: runtime.burntEpoch, cause: runtime.safeCause },
    versions: [...runtime.loaded].map(([versionId, state]) => ({
      versionId,
      state,
      isDigestEqual: true,
      goldenPassed: 1,
      goldenTotal: 1,
      problem: null,
    })),
  };
}

export function crash(runtime: SimRuntime): void {
  runtime.isUp = false;
  runtime.loaded.clear();
}

/** Comes back with the table from its disk and nothing loaded; the time of applying is seen anew. */
export function restart(runtime: SimRuntime): void {
  runtime.isUp = true;
  runtime.loaded.clear();
  runtime.isDrained = true;
  runtime.fact = { ...runtime.fact, appliedAtMs: null };
}

/** Time passes; runtimes that are cut off while a candidate has weight go to stable by themselves. */
export function pass(world: World, ms: number): void {
  world.nowMs += ms;
  for (const runtime of world.runtimes) {
    const { leaseSeconds, epoch } = runtime.table;
    if (!runtime.isUp || leaseSeconds === null || runtime.burntEpoch >= epoch) continue;
    if (world.nowMs - runtime.lastContactMs < leaseSeconds * 1000) continue;
    runtime.burntEpoch = epoch;
    runtime.safeCause = "dead_man";
  }
}

export function observe(world: World): Observation {
  const { release } = world;
  const isMirroring = isShadowing(release) && release.plan.shadow?.comparison !== undefined;
  const isAtZero = release.stepIndex !== null && releaseWeightBp(release) === 0;
  const verdict: VerdictReport | null =
    (release.stepIndex === null && !isMirroring) || isAtZero
      ? null
      : {
          ...verdictReport(world.verdictKind, release.stepIndex, release.acceptedHolds),
          ...(isMirroring ? { paired: pairedOf(world.verdictKind) } : {}),
          ...(release.plan.outcome === undefined ? {} : { outcome: outcomeOf(world.verdictKind) }),
        };
  const isBad = world.verdictKind === "HARM";
  return observation({
    endpoint: {
      epoch: currentTable(world).epoch,
      stableVersionId: world.stableVersionId,
      activeReleaseId: isStarted(release.state) ? release.id : null,
    },
    runtimes: world.runtimes.map(({ fact }) => ({
      ...fact,
      isReachable: world.nowMs - fact.lastContactMs <= UNREACHABLE_MS,
    })),
    verdict,
    bake:
      release.promotionEpoch === null
        ? null
        : {
            format: "slipway.bake/1",
            word: isBad ? "HARM" : world.verdictKind === "BLIND" ? "NO_DATA" : "CLEAR",
            action: isBad ? "roll_back" : null,
            requests: 100,
            guards: [],
          },
    reference: {
      latencyThresholdsUs: { p95: 1, p99: 2 },
      rates: { error: RATE, latencyP95: RATE, latencyP99: RATE, wrongLabel: RATE },
      requests: 500,
      windows: 5,
    },
    freeze: world.isFrozen ? { name: "Year end", untilMs: world.nowMs + 60_000 } : null,
  });
}
const RATE = { bad: 1, of: 500 };

export function read(world: World, controller: number): void {
  const { rowVersion, release, nowMs } = world;
  world.snapshots[controller] = { rowVersion, release, seen: observe(world), nowMs };
}

/** Decides on what was read, however old, and writes only if nobody else has written since. */
export function act(world: World, controller: number): Decision | null {
  const snapshot = world.snapshots[controller];
  if (snapshot === null || snapshot === undefined) return null;
  const decision = decide(snapshot.release, snapshot.seen, snapshot.nowMs);
  if (decision.kind === "move" && snapshot.rowVersion === world.rowVersion) {
    commit(world, snapshot.release, decision, snapshot.seen, snapshot.nowMs);
  }
  return decision;
}

export function person(world: World, event: PersonEvent): boolean {
  const seen = observe(world);
  const step = applyPersonEvent(world.release, event, seen, world.nowMs);
  if (step.ok) commit(world, world.release, step.move, seen, world.nowMs);
  return step.ok;
}

function commit(world: World, before: Release, move: Move, seen: Observation, nowMs: number): void {
  world.release = move.release;
  world.rowVersion += 1;
  for (const effect of move.effects) {
    if (effect.kind === "route") world.tables.push(effect.table);
    if (effect.kind === "relabel") world.stableVersionId = effect.stableVersionId;
  }
  world.applied.push({ before, move, seen, nowMs });
}

/** All faults end; people let go of what only people can. Answers "ended", or what the release still waits for. */
export function heal(world: World): string {
  let waitsFor = "";
  world.verdictKind = "SAFE";
  world.isFrozen = false;
  for (const runtime of world.runtimes) {
    if (!runtime.isUp) restart(runtime);
    runtime.isConnected = true;
    if (runtime.loaded.get(CANDIDATE) === "failed") runtime.loaded.delete(CANDIDATE);
  }
  for (let round = 0; round < 400 && !isEnd(world.release.state); round += 1) {
    for (const runtime of world.runtimes) synchronise(world, runtime, true);
    read(world, 0);
    const decision = act(world, 0);
    waitsFor = JSON.stringify(decision?.kind === "stay" ? decision.wait : decision?.event);
    const isPersonsTurn =
      decision?.kind === "stay" &&
      ["held_by", "timed_out", "limit_crossed", "awaiting_gate"].includes(decision.wait.code);
    if (isPersonsTurn) person(world, { type: "roll_back", by: "eve", reason: "tidying up" });
    if (["DRAFT", "PENDING_APPROVAL", "APPROVED"].includes(world.release.state)) {
      person(world, { type: "cancel", by: "eve", reason: null });
    }
    pass(world, 60_000);
  }
  for (const runtime of world.runtimes) synchronise(world, runtime, true);
  return isEnd(world.release.state) ? "ended" : `${world.release.state}: ${waitsFor}`;
}

export const isCandidateWarmOn = (fact: RuntimeFact): boolean => isWarm(versionOn(fact, CANDIDATE));
