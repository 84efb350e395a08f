import type { BackOff } from "./back-off.ts";
import type { RuntimeClient } from "./runtime-client.ts";

type DueLabel = { readonly predictionId: string; readonly label: string; readonly dueMs: number };

export type LabelCounts = { accepted: number; refused: number; dropped: number };

export type LabelReporter = {
  add(predictionId: string, label: string, dueMs: number): void;
  /** Sends what is due. Never rejects; one call at a time is in flight, further ones answer at once. */
  flush(nowMs: number): Promise<void>;
  /** Labels not yet reported. */
  waiting(): number;
};

const BATCH = 500;
/** More than a minute of a busy endpoint; beyond it the oldest are dropped. */
const MAX_WAITING = 20_000;

/** Reports true labels by prediction id once they are due, in batches. */
export function createLabelReporter(
  endpoint: string,
  client: RuntimeClient,
  reachable: BackOff,
  counts: LabelCounts,
): LabelReporter {
  const path = `/v2/models/${encodeURIComponent(endpoint)}/feedback`;
  let waiting: DueLabel[] = [];
  let isSending = false;

  const send = async (batch: readonly DueLabel[], nowMs: number): Promise<void> => {
    const feedback = batch.map(({ predictionId, label }) => ({ predictionId, label }));
    const reply = await client.post(path, Buffer.from(JSON.stringify({ feedback })));
    if (reply.status === null || reply.status >= 500) {
      reachable.failed(nowMs);
      waiting = batch.concat(waiting);
    } else if (reply.status >= 400) counts.refused += batch.length;
    else counts.accepted += batch.length;
  };

  return {
    add(predictionId, label, dueMs) {
      waiting.push({ predictionId, label, dueMs });
      if (waiting.length <= MAX_WAITING) return;
      const excess = waiting.length - MAX_WAITING;
      waiting = waiting.slice(excess);
      counts.dropped += excess;
    },
    async flush(nowMs) {
      if (isSending || reachable.isPaused(nowMs)) return;
      const due = waiting.filter(({ dueMs }) => dueMs <= nowMs).slice(0, BATCH);
      if (due.length === 0) return;
      const taken = new Set(due);
      waiting = waiting.filter((label) => !taken.has(label));
      isSending = true;
      await send(due, nowMs);
      isSending = false;
    },
    waiting: () => waiting.length,
  };
}
