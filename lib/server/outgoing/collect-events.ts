import { z } from "zod";
import { eventOf, eventTypes, wants, type TrailEntry } from "#lib/domain/outgoing/events.ts";
import { tellsLineage } from "./lineage-message.ts";
import type { NewDelivery } from "../db/outgoing-repository.ts";
import { newId } from "../new-id.ts";
import type { Store } from "../store.ts";

const BATCH = 200;

const nullableText = z.string().nullable();
const leaf = z.object({
  id: z.string(),
  ts: z.string(),
  action: z.string(),
  outcome: z.string(),
  actor: z.object({ type: z.string(), name: z.string() }),
  targets: z.array(z.object({ type: z.string(), id: z.string(), name: nullableText, digest: nullableText })),
  after: z.unknown(),
  reason: nullableText,
});

const isSilenced = (after: unknown): boolean =>
  typeof after === "object" && after !== null && "silenced" in after && after.silenced === true;

/**
 * Reads the trail from where it was last read and writes a message for every channel that wants an entry, cursor and messages in one transaction: each entry is told
 * once, in any number of replicas. Answers how many entries were read.
 */
export async function collectEvents(store: Store, publicUrl: string): Promise<number> {
  let read = 0;
  for (;;) {
    const batch = await store.telemetry(async ({ outgoing }, now) => {
      const cursor = await outgoing.holdCursor(await outgoing.newestEntry());
      const entries = await outgoing.entriesAfter(cursor, BATCH);
      const last = entries.at(-1);
      if (last === undefined) return 0;
      const channels = (await outgoing.listChannels()).filter(({ enabled }) => enabled);
      const deliveries = entries.flatMap(({ seq, environmentId, leaf: bytes }): NewDelivery[] => {
        const entry = leaf.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
        if (entry.outcome !== "ok" || !eventTypes.includes(entry.action) || isSilenced(entry.after)) return [];
        const told: TrailEntry = { ...entry, seq: Number(seq) };
        const event = eventOf(told, publicUrl);
        return channels
          .filter((channel) => wants(channel, { type: entry.action, environmentId }) && (channel.kind !== "openlineage" || tellsLineage(event)))
          .map(({ id }) => ({ id: newId(), channelId: id, eventId: entry.id, eventType: entry.action, event }));
      });
      await outgoing.insertDeliveries(deliveries, now);
      await outgoing.moveCursor(last.seq);
      return entries.length;
    });
    read += batch;
    if (batch < BATCH) return read;
  }
}
