import { bakeCounts, judgeBake } from "./bake.ts";
import { decide } from "./decide.ts";
import type { Effect } from "./effect.ts";
import { judgeContext, type RoutePeriod } from "./judge-context.ts";
import type { Observation } from "./observation.ts";
import type { Plan } from "./plan.ts";
import { foldWindows } from "./fold-windows.ts";
import { freezeReference, type FrozenReference } from "./reference.ts";
import { APPROVAL, observation, release as aRelease, runtime } from "./release.fixture.ts";
import type { Release } from "./release.ts";
import { isEnd, mayHaveWeight } from "./states.ts";
import { createTraffic, type TrafficSettings } from "./traffic.fixture.ts";
import { judge, type VerdictReport } from "./verdict.ts";
import type { WindowCounts } from "./window.ts";

export type CampaignEvent = {
  readonly second: number;
  readonly event: string;
  readonly to: string;
  readonly weightBp: number;
};
export type Campaign = {
  readonly release: Release;
  readonly events: readonly CampaignEvent[];
  /** Seconds since the candidate first had weight. */
  readonly seconds: number;
  readonly lastVerdict: VerdictReport | null;
};

const TICK_SECONDS = 2;

type World = {
  release: Release;
  epoch: number;
  stableVersionId: string;
  appliedAtMs: number;
  weightSecond: number;
  lastVerdict: VerdictReport | null;
  readonly periods: RoutePeriod[];
  readonly windows: WindowCounts[];
  readonly events: CampaignEvent[];
};

/**
 * A whole release over simulated traffic, with the real verdicts and the real machine: one runtime that obeys at once, a
 * controller that looks every two seconds, traffic for a minute before.
 */
export function runCampaign(plan: Plan, settings: TrafficSettings, limitSeconds = 400): Campaign {
  const traffic = createTraffic(settings);
  const before = { epoch: 1, candidateShareBp: 0, releaseId: null, thresholds: null };
  const past: WindowCounts[] = [];
  for (let elapsed = 0; elapsed < 60; elapsed += TICK_SECONDS)
    past.push(...traffic.tick(TICK_SECONDS, before));
  const reference = freezeReference(past);
  const world: World = {
    release: aRelease({ plan, state: "APPROVED", approvals: [APPROVAL] }),
    epoch: 1,
    stableVersionId: "v1",
    appliedAtMs: 0,
    weightSecond: traffic.now(),
    lastVerdict: null,
    periods: [],
    windows: [],
    events: [],
  };
  const startSecond = traffic.now();
  while (traffic.now() - startSecond < limitSeconds && !isEnd(world.release.state)) {
    const nowMs = traffic.now() * 1000;
    const decision = decide(world.release, observe(world, plan, reference, nowMs), nowMs);
    if (decision.kind === "stay") {
      world.windows.push(...serve(world, traffic));
      if (world.windows.length > 100)
        world.windows.splice(0, Infinity, ...foldWindows(world.windows));
      continue;
    }
    world.release = decision.release;
    for (const effect of decision.effects) apply(world, effect, nowMs);
    const weightBp = world.periods.at(-1)?.candidateShareBp ?? 0;
    const { event } = decision;
    world.events.push({
      second: traffic.now() - world.weightSecond,
      event,
      to: world.release.state,
      weightBp,
    });
  }
  const { release, events, lastVerdict } = world;
  return { release, events, seconds: traffic.now() - world.weightSecond, lastVerdict };
}

function observe(
  world: World,
  plan: Plan,
  reference: FrozenReference | null,
  nowMs: number,
): Observation {
  const { release, windows } = world;
  const base = observation({
    endpoint: {
      epoch: world.epoch,
      stableVersionId: world.stableVersionId,
      activeReleaseId: release.id,
    },
    runtimes: [
      runtime({ appliedEpoch: world.epoch, appliedAtMs: world.appliedAtMs, lastContactMs: nowMs }),
    ],
    reference,
  });
  const telemetry = { blindSeconds: null, gaps: [] };
  if (release.promotionEpoch === null && mayHaveWeight(release.state)) {
    world.lastVerdict = judge(
      plan,
      windows,
      judgeContext(release, world.periods, base, telemetry, nowMs),
    ).report;
    return { ...base, verdict: world.lastVerdict };
  }
  if (release.promotionEpoch === null || release.reference === null) return base;
  const promoted = { versionId: release.candidateVersionId, fromEpoch: release.promotionEpoch };
  return { ...base, bake: judgeBake(plan, bakeCounts(windows, promoted, release.reference)) };
}

function apply(world: World, effect: Effect, nowMs: number): void {
  if (effect.kind === "relabel") world.stableVersionId = effect.stableVersionId;
  if (effect.kind !== "route") return;
  const last = world.periods.at(-1);
  if (last !== undefined)
    world.periods[world.periods.length - 1] = { ...last, toMs: last.toMs ?? nowMs };
  const candidateShareBp = effect.table.arms.find(({ arm }) => arm === "candidate")?.weightBp ?? 0;
  if (candidateShareBp > 0 && world.periods.length === 0) world.weightSecond = nowMs / 1000;
  world.epoch = effect.table.epoch;
  world.appliedAtMs = nowMs;
  world.periods.push({ epoch: world.epoch, candidateShareBp, fromMs: nowMs, toMs: null });
}

/** After promotion all traffic meets the candidate's behaviour, counted as stable. */
function serve(world: World, traffic: ReturnType<typeof createTraffic>): WindowCounts[] {
  const { release, epoch } = world;
  const isPromoted = world.stableVersionId === release.candidateVersionId;
  const rows = traffic.tick(TICK_SECONDS, {
    epoch,
    candidateShareBp: isPromoted ? 10_000 : (world.periods.at(-1)?.candidateShareBp ?? 0),
    releaseId: release.id,
    thresholds: release.reference?.latencyThresholdsUs ?? null,
  });
  if (!isPromoted) return rows;
  return rows.map((row) =>
    row.arm === "candidate" && row.epoch === epoch ? { ...row, arm: "stable" } : row,
  );
}
