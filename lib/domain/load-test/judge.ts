import { formatMs, MEMORY_MARGIN, stageFault, wasSentLate, type LoadStage } from "./stages.ts";

export type LoadReport = { readonly stages: readonly LoadStage[]; readonly hostRestarts: number };

/** What a load test showed. */
export type LoadVerdict = {
  /** The largest factor up to which every stage held its load; 0: not even the planned rate. */
  readonly headroom: number;
  /** The last stage held: it may carry more, which nobody tried. */
  readonly isOpenEnded: boolean;
  /** The stage at which it ended, and why; null when all held. */
  readonly limit: { readonly factor: number; readonly because: string } | null;
  /** What keeps it from passing. */
  readonly faults: readonly string[];
  /** Why the planned rate was not measured at all; null when it was. Such a test proves nothing. */
  readonly inconclusive: string | null;
};

/** Resident memory that a limit has to allow for one model host: the highest peak and a margin. */
export function memoryNeeded(stages: readonly LoadStage[]): number | null {
  const peaks = stages.flatMap(({ peakMemoryBytes }) => (peakMemoryBytes === null ? [] : [peakMemoryBytes]));
  return peaks.length === 0 ? null : Math.ceil(Math.max(...peaks) * MEMORY_MARGIN);
}

/** Judges a test by what was agreed on before it: the planned rate held, within the latency limit, no model host lost, the memory limit above what was needed. */
export function judgeLoad(report: LoadReport, agreed: { readonly latencyLimitMs: number | null; readonly memoryLimitBytes: number | null }): LoadVerdict {
  const { stages, hostRestarts } = report;
  const because = (stage: LoadStage): string | null => {
    const fault = stageFault(stage, agreed.latencyLimitMs);
    return fault !== null && wasSentLate(stage) ? `${stage.late} of ${stage.sent} requests could not be sent in time by the machine that sent them` : fault;
  };
  const at = stages.findIndex((stage) => because(stage) !== null);
  const [first] = stages;
  const broken = at < 0 ? undefined : stages[at];
  const faults: string[] = [];
  const atPlanned = first === undefined ? null : because(first);
  if (first === undefined) faults.push("Nothing was sent.");
  else if (atPlanned !== null) faults.push(`At the planned rate ${atPlanned}.`);
  if (hostRestarts > 0) faults.push(`Model hosts were lost ${hostRestarts} times under load.`);
  const needed = memoryNeeded(stages);
  if (needed !== null && agreed.memoryLimitBytes !== null && needed > agreed.memoryLimitBytes)
    faults.push(`A model host needs ${mebibytes(needed)} MiB with its margin; the limit is ${mebibytes(agreed.memoryLimitBytes)} MiB.`);
  return {
    headroom: (at < 0 ? stages.at(-1)?.factor : stages[at - 1]?.factor) ?? 0,
    isOpenEnded: at < 0 && first !== undefined,
    limit: broken === undefined ? null : { factor: broken.factor, because: because(broken) ?? "" },
    faults,
    inconclusive:
      first !== undefined && atPlanned !== null && wasSentLate(first)
        ? `${first.late} of ${first.sent} requests at the planned rate could not be sent in time by the machine that sent them, so the figures are not about the endpoint alone. Run it where processors are free, or at a lower rate.`
        : null,
  };
}

export const mebibytes = (bytes: number): number => Math.ceil(bytes / 1_048_576);

const times = (factor: number): string => `${factor}x`;
const perSecond = (rate: number): string => `${Number(rate.toPrecision(4)).toLocaleString("en-GB")} requests/s`;

/** The result in a sentence: what was held, how fast, and what is left above the planned rate. */
export function sayLoad(report: LoadReport, verdict: LoadVerdict, ratePerSecond: number): string {
  const { headroom, limit, isOpenEnded } = verdict;
  const planned = `the planned ${perSecond(ratePerSecond)}`;
  if (headroom === 0) return `Did not hold ${planned}: ${limit?.because ?? "nothing was sent"}.`;
  const held = report.stages.find(({ factor }) => factor === headroom);
  const p99 = held?.latencyMsP99 ?? null;
  const speed = p99 === null ? "" : ` with p99 ${formatMs(p99)} ms`;
  const what = headroom === 1 ? planned : `${times(headroom)} ${planned}`;
  if (isOpenEnded) return `Held ${what}${speed}; headroom at least ${times(headroom)}.`;
  return `Held ${what}${speed}; headroom ${times(headroom)}: at ${times(limit?.factor ?? 0)} ${limit?.because ?? ""}.`;
}
