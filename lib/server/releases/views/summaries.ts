import type { GaugeView } from "#lib/contracts/views/guard-view.ts";
import type { MiniStep } from "#lib/contracts/views/inbox-view.ts";
import { metricName } from "#lib/domain/release/labels.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { isEnd, mayHaveWeight } from "#lib/domain/release/states.ts";
import type { VerdictReport } from "#lib/domain/release/verdict.ts";

const URGENCY = { HARM: 0, UNDECIDED: 1, SAFE: 2, NO_DATA: 3 } as const;

/**
 * The guard that matters most now, as a small gauge; null when no ratio says anything: before there is anything to see, and where what
 * is proven was proven in another way than by the ratio.
 */
export function gaugeView(report: VerdictReport | null): GaugeView | null {
  const guard = (report?.guards ?? []).filter(isToldByItsRatio).sort((a, b) => URGENCY[a.word] - URGENCY[b.word])[0];
  if (!guard) return null;
  const name = metricName(guard.metric);
  return {
    name: name.charAt(0).toUpperCase() + name.slice(1),
    band: { estimate: guard.ratio, low: guard.band.lower, high: guard.band.upper },
    limits: { upper: guard.limitRatio, lower: null },
  };
}

/**
 * A guard proven by its ceiling may have any ratio (two slow answers of a thousand against one), and one that only stops stays undecided
 * in a good release: drawn alone, both would look past their limit.
 */
function isToldByItsRatio(guard: VerdictReport["guards"][number]): boolean {
  if (guard.word === "HARM") return true;
  if (guard.word === "UNDECIDED") return guard.provesSafe;
  return guard.word === "SAFE" && guard.provenBy === "ratio";
}

/** The plan in one line: what is over, what runs and how far, what is to come. */
export function miniSteps(release: Release, report: VerdictReport | null): MiniStep[] {
  const { plan, stepIndex, state } = release;
  const reached = release.promotionEpoch !== null ? plan.steps.length : (stepIndex ?? (isEnd(state) && release.firstWeightEpoch !== null ? 0 : -1));
  return plan.steps.map((step, index) => {
    const isNow = index === reached && mayHaveWeight(state) && stepIndex !== null;
    const dwell = step.dwellSeconds === 0 ? 1 : (report?.stepSeconds ?? 0) / step.dwellSeconds;
    const units = step.minUnits === 0 ? 1 : (report?.stepUnits.have ?? 0) / step.minUnits;
    return {
      weightBp: step.weightBp,
      phase: isNow ? "now" : index < reached ? "done" : "next",
      progress: isNow ? Math.max(0, Math.min(1, dwell, units)) : index < reached ? 1 : 0,
    };
  });
}
