import { bakeCounts, judgeBake } from "./bake.ts";
import { decide } from "./decide.ts";
import { judgeContext, type RoutePeriod } from "./judge-context.ts";
import type { Plan } from "./plan.ts";
import { freezeReference } from "./reference.ts";
import {
  release as aRelease,
  observation as anObservation,
  runtime,
  APPROVAL,
} from "./release.fixture.ts";
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
  let release = aRelease({ plan, state: "APPROVED", approvals: [APPROVAL] });
  let epoch = 1;
  let stableVersionId = release.stableVersionId;
  let isCandidateStable = false;
  const periods: RoutePeriod[] = [];
  const windows: WindowCounts[] = [];
  const events: CampaignEvent[] = [];
  let lastVerdict: VerdictReport | null = null;
  let appliedAtMs = 0;
  const startSecond = traffic.now();
  let weightSecond = startSecond;

  while (traffic.now() - startSecond < limitSeconds && !isEnd(release.state)) {
    const nowMs = traffic.now() * 1000;
    const base = anObservation({
      endpoint: { epoch, stableVersionId, activeReleaseId: release.id },
      runtimes: [runtime({ appliedEpoch: epoch, appliedAtMs, lastContactMs: nowMs })],
      reference: freezeReference(past),
    });
    const telemetry = { blindSeconds: null, gaps: [] };
    const hasVerdict = mayHaveWeight(release.state) && release.promotionEpoch === null;
    const judged = hasVerdict
      ? judge(plan, windows, judgeContext(release, periods, base, telemetry, nowMs))
      : null;
    lastVerdict = judged?.report ?? lastVerdict;
    const promoted = {
      versionId: release.candidateVersionId,
      fromEpoch: release.promotionEpoch ?? Infinity,
    };
    const bake =
      release.promotionEpoch === null || release.reference === null
        ? null
        : judgeBake(plan, bakeCounts(windows, promoted, release.reference));
    const decision = decide(release, { ...base, verdict: judged?.report ?? null, bake }, nowMs);
    if (decision.kind === "move") {
      release = decision.release;
      for (const effect of decision.effects) {
        if (effect.kind === "relabel") {
          stableVersionId = effect.stableVersionId;
          isCandidateStable = stableVersionId === release.candidateVersionId;
        }
        if (effect.kind !== "route") continue;
        const last = periods.at(-1);
        if (last !== undefined) periods[periods.length - 1] = { ...last, toMs: last.toMs ?? nowMs };
        epoch = effect.table.epoch;
        appliedAtMs = nowMs;
        const share = effect.table.arms.find(({ arm }) => arm === "candidate")?.weightBp ?? 0;
        if (share > 0 && periods.length === 0) weightSecond = traffic.now();
        periods.push({ epoch, candidateShareBp: share, fromMs: nowMs, toMs: null });
      }
      const weightBp = periods.at(-1)?.candidateShareBp ?? 0;
      events.push({
        second: traffic.now() - weightSecond,
        event: decision.event,
        to: release.state,
        weightBp,
      });
      continue;
    }
    const share = periods.at(-1)?.candidateShareBp ?? 0;
    const rows = traffic.tick(TICK_SECONDS, {
      epoch,
      // After promotion all traffic meets the candidate's behaviour, counted as stable.
      candidateShareBp: isCandidateStable ? 10_000 : share,
      releaseId: release.id,
      thresholds: release.reference?.latencyThresholdsUs ?? null,
    });
    windows.push(
      ...(isCandidateStable
        ? rows.map((row) =>
            row.arm === "candidate" && row.epoch === epoch
              ? { ...row, arm: "stable" as const }
              : row,
          )
        : rows),
    );
  }
  return { release, events, seconds: traffic.now() - weightSecond, lastVerdict };
}
