import { createHistogram, quantileUs, record, toSparse } from "#lib/domain/statistics/histogram.ts";

/** One stage of a load test: what was asked for and what came of it. */
export type StageResult = {
  readonly factor: number;
  readonly plannedPerSecond: number;
  readonly sent: number;
  readonly answeredPerSecond: number;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
  /** Answers other than 200, by status; 0 = no answer. */
  readonly failures: Readonly<Record<string, number>>;
  readonly errors: number;
  /** Requests that this machine could not send in time: the figures of the stage are then not about the endpoint alone. */
  readonly late: number;
};

/** Requests under way beyond which no more are sent: an endpoint that stalls must not take this process along. */
const MOST_UNDER_WAY = 4096;
const LATE_MS = 50;

/**
 * Sends `perSecond` requests a second for `seconds`, whatever the endpoint does, and measures each from when it was due, so that a stall is not
 * hidden by the requests it kept from being sent.
 */
export async function runOpenLoop(
  factor: number,
  perSecond: number,
  seconds: number,
  send: () => Promise<number>,
): Promise<StageResult> {
  const latency = createHistogram();
  const failures: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  const total = Math.max(1, Math.round(perSecond * seconds));
  const startMs = performance.now();
  let [sent, answered, late] = [0, 0, 0];
  const fail = (status: number): void => {
    failures[String(status)] = (failures[String(status)] ?? 0) + 1;
  };
  const once = async (dueMs: number): Promise<void> => {
    const status = await send().catch(() => 0);
    record(latency, (performance.now() - dueMs) * 1000);
    if (status === 200) answered += 1;
    else fail(status);
  };
  while (sent < total) {
    const nowMs = performance.now();
    for (let dueMs = startMs + (sent * 1000) / perSecond; sent < total && dueMs <= nowMs; dueMs = startMs + (sent * 1000) / perSecond) {
      sent += 1;
      if (nowMs - dueMs > LATE_MS) late += 1;
      if (underWay.size >= MOST_UNDER_WAY) {
        fail(0);
        continue;
      }
      const request = once(dueMs).finally(() => underWay.delete(request));
      underWay.add(request);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(underWay);
  const histogram = toSparse(latency);
  const ms = (q: number): number | null => {
    const us = quantileUs(histogram, q);
    return us === null ? null : us / 1000;
  };
  return {
    factor,
    plannedPerSecond: perSecond,
    sent,
    answeredPerSecond: answered / ((performance.now() - startMs) / 1000),
    latencyMsP50: ms(0.5),
    latencyMsP95: ms(0.95),
    latencyMsP99: ms(0.99),
    failures,
    errors: Object.values(failures).reduce((sum, count) => sum + count, 0),
    late,
  };
}

/** The largest factor up to which every stage was without error; 0 when the first one was not. */
export function headroomOf(stages: readonly StageResult[]): number {
  const broken = stages.findIndex(({ errors }) => errors > 0);
  const good = broken < 0 ? stages.length : broken;
  return stages[good - 1]?.factor ?? 0;
}
