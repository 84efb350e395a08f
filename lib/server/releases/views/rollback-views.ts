import type { RollbackInfo, StopwatchView } from "#lib/contracts/views/release-parts.ts";
import type { ActorRef } from "#lib/contracts/views/view-parts.ts";
import { formatCount } from "#lib/domain/release/wording.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { RuntimeRecord } from "../../db/runtime-repository.ts";

type Confirmation = StopwatchView["runtimes"][number];

function confirmationOf(runtime: RuntimeRecord, endpointId: string, order: { epoch: number; orderedAtMs: number }): Confirmation {
  const ack = runtime.acks?.endpoints.find((entry) => entry.endpointId === endpointId);
  const times = runtime.ackTimes[endpointId];
  const applied = ack && times && times.epoch >= order.epoch ? Math.max(0, times.appliedMs - order.orderedAtMs) : null;
  const drained = applied === null || !times || times.drainedMs === null ? null : Math.max(0, times.drainedMs - order.orderedAtMs);
  return {
    name: runtime.name,
    state: drained !== null ? "drained" : applied !== null ? "acknowledged" : runtime.live ? "waiting" : "unreachable",
    acknowledgedMs: applied,
    drainedMs: drained,
    lateResponses: applied === null ? 0 : (ack?.lateResponses ?? 0),
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function finalSentence(record: ReleaseRecord): string | null {
  const { outcome, release } = record;
  if ((release.rollback?.finishedAtMs ?? null) === null) return null;
  if (outcome?.rollbackMs === undefined) return `Back on ${record.stableName}.`;
  const late = outcome.lateResponses ?? 0;
  const word = late === 1 ? "request" : "requests";
  return `Back on ${record.stableName} in ${seconds(outcome.rollbackMs)}; ${formatCount(late)} ${word} finished on the candidate after the order.`;
}

/** The three ticks: ordered, routers acknowledged, last candidate request finished. Null until one is ordered. */
export function stopwatchView(record: ReleaseRecord, runtimes: readonly RuntimeRecord[], orderedBy: ActorRef): StopwatchView | null {
  const { rollback } = record.release;
  if (rollback === null) return null;
  const confirmations = runtimes.map((runtime) => confirmationOf(runtime, record.release.endpointId, rollback));
  const awaited = confirmations.filter(({ state }) => state !== "unreachable");
  const slowest = (of: (entry: Confirmation) => number | null): number | null => {
    const values = awaited.map(of);
    return values.length === 0 || values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0));
  };
  // Once it is over the runtimes go on to other epochs: what was measured then is what counts.
  const measured = record.outcome?.rollbackMs ?? null;
  return {
    orderedAt: new Date(rollback.orderedAtMs).toISOString(),
    orderedBy,
    toVersionName: record.stableName,
    runtimes: rollback.finishedAtMs === null ? confirmations : [],
    acknowledgedMs: measured ?? slowest(({ acknowledgedMs }) => acknowledgedMs),
    drainedMs: measured ?? slowest(({ drainedMs }) => drainedMs),
    lateResponses: record.outcome?.lateResponses ?? confirmations.reduce((sum, entry) => sum + entry.lateResponses, 0),
    finalSentence: finalSentence(record),
    reason: {
      kind: record.outcome?.rollbackChip ?? null,
      text: rollback.reason,
      dueAt: record.outcome?.reasonDueAt ?? null,
    },
  };
}

/** What a roll back would do, how long it took before, and what it leaves as it is. */
export function rollbackInfo(record: ReleaseRecord, times: readonly number[], candidateRequests: number): RollbackInfo {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    toVersionName: record.stableName,
    lastMeasuredMs: times[0] ?? null,
    p95Ms: sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? null,
    measurements: times.length,
    notUndone: candidateRequests === 0 ? [] : [`${formatCount(candidateRequests)} answers that ${record.candidateName} has given already.`],
  };
}
