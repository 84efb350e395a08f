import { type Permission, allows, allowsSomewhere } from "#lib/domain/access/permissions.ts";
import type { StreamChange, StreamTopic } from "#lib/contracts/stream.ts";
import type { App } from "#lib/server/composition.ts";
import type { Actor } from "#lib/server/ports.ts";

const TICK_MS = 1_000;
/** Without an event that names the session, its row is looked at this often. */
const RECHECK_MS = 15_000;
const REPLAY_LIMIT = 500;
const MAX_CHANGES = 500;
/** Messages that may wait for a slow reader before it is dropped; it comes back and asks for what it missed. */
const MAX_UNREAD = 120;

/** What a kind of event means for the screens, and who may hear of it. */
const KINDS: Readonly<Record<string, { readonly topics: readonly StreamTopic[]; readonly permission: Permission }>> = {
  release: { topics: ["release"], permission: "release:read" },
  approval: { topics: ["release"], permission: "release:read" },
  model: { topics: ["model"], permission: "model:read" },
  version: { topics: ["model"], permission: "version:read" },
  load_test: { topics: ["endpoint"], permission: "endpoint:read" },
  evaluation: { topics: ["model"], permission: "version:read" },
  evidence: { topics: ["model"], permission: "evidence:read" },
  endpoint: { topics: ["endpoint"], permission: "endpoint:read" },
  target: { topics: ["endpoint"], permission: "endpoint:read" },
  stream: { topics: ["stream"], permission: "stream:read" },
  batch_job: { topics: ["batch"], permission: "batch:read" },
  batch_output: { topics: ["batch"], permission: "batch:read" },
  batch_change: { topics: ["batch"], permission: "batch:read" },
  batch_schedule: { topics: ["batch"], permission: "batch:read" },
  deployment: { topics: ["endpoint"], permission: "endpoint:read" },
  windows: { topics: ["endpoint", "release"], permission: "endpoint:read" },
  acks: { topics: ["endpoint", "release"], permission: "endpoint:read" },
  runtime: { topics: ["endpoint"], permission: "runtime:read" },
  environment: { topics: ["environment"], permission: "environment:read" },
  waiver: { topics: ["environment"], permission: "environment:read" },
  monitoring: { topics: ["monitoring"], permission: "endpoint:read" },
  alert: { topics: ["monitoring"], permission: "alert:read" },
  silence: { topics: ["monitoring"], permission: "alert:read" },
  channel: { topics: ["outgoing"], permission: "channel:read" },
  delivery: { topics: ["outgoing"], permission: "channel:read" },
  user: { topics: ["people"], permission: "person:read" },
  token: { topics: ["people"], permission: "token:read" },
  audit: { topics: ["audit"], permission: "audit:read" },
};

type Change = StreamChange["changes"][number];
type Happened = { readonly topic: string; readonly environmentId: string | null };

/** What this event tells this person's screens: nothing when they may not read of it. */
export function changesFor(actor: Actor, { topic, environmentId }: Happened): readonly Change[] {
  const [kind = "", id] = topic.split(":", 2);
  const meaning = KINDS[kind];
  if (meaning === undefined) return [];
  const may =
    environmentId === null
      ? allowsSomewhere(actor, meaning.permission)
      : allows(actor, meaning.permission, environmentId);
  if (!may) return [];
  // An id is worth telling only where it is an id of that topic; a version's id says nothing to the page of a model.
  return meaning.topics.map((name) => ({ topic: name, id: name === kind ? (id ?? null) : null }));
}

/**
 * The stream of one browser: gathers what happened and says it at most once a second, ticks in between, and ends with the session.
 * `lastEventId` (an audit sequence number) replays what was missed; too much of it becomes "anything may have changed".
 */
export function openEventStream(
  app: App,
  actor: Actor,
  options: {
    readonly lastEventId: string | null;
    readonly signal: AbortSignal;
    /** Rejects when the session is over or its person's rights are others than at the beginning. */
    recheck(): Promise<void>;
  },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pending = new Map<string, Change>();
  let newest: bigint | null = null;
  let checkedAt = performance.now();
  let end: () => void = () => undefined;

  const note = (event: Happened & { readonly seq: bigint | null }): void => {
    if (event.seq !== null && (newest === null || event.seq > newest)) newest = event.seq;
    for (const change of changesFor(actor, event)) pending.set(`${change.topic} ${change.id ?? ""}`, change);
    // Their own session, account or roles changed: look at once.
    const concernsUs = event.topic === `session:${actor.sessionId ?? ""}` || event.topic === `user:${actor.userId ?? ""}`;
    if (concernsUs || event.topic === `token:${actor.id}`) checkedAt = Number.NEGATIVE_INFINITY;
  };

  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      const flush = async (): Promise<void> => {
        if ((controller.desiredSize ?? 0) < -MAX_UNREAD) throw new Error("the reader does not read");
        if (performance.now() - checkedAt >= RECHECK_MS) {
          checkedAt = performance.now();
          await options.recheck();
        }
        const at = new Date().toISOString();
        if (pending.size === 0) return send(`event: tick\ndata: ${JSON.stringify({ at })}\n\n`);
        const changes = [...pending.values()].slice(0, MAX_CHANGES);
        pending.clear();
        const id = newest === null ? "" : `id: ${newest}\n`;
        send(`${id}event: change\ndata: ${JSON.stringify({ at, changes } satisfies StreamChange)}\n\n`);
      };
      const unsubscribe = app.bus.subscribe(["*"], note);
      let flushing = false;
      const timer = setInterval(() => {
        if (flushing) return;
        flushing = true;
        flush()
          .catch(() => end())
          .finally(() => {
            flushing = false;
          });
      }, TICK_MS);
      end = () => {
        clearInterval(timer);
        unsubscribe();
        options.signal.removeEventListener("abort", end);
        try {
          controller.close();
        } catch {
          // The reader was gone first.
        }
      };
      options.signal.addEventListener("abort", end, { once: true });
      send("retry: 2000\n\n");
      await replay(app, options.lastEventId, note).catch((error: unknown) =>
        app.logger.warn({ err: error }, "missed events could not be replayed"),
      );
      await flush().catch(() => end());
    },
    cancel() {
      end();
    },
  });
}

async function replay(
  app: App,
  lastEventId: string | null,
  note: (event: Happened & { readonly seq: bigint | null }) => void,
): Promise<void> {
  if (lastEventId === null || !/^\d{1,15}$/.test(lastEventId)) return;
  const missed = await app.store.read((db) => db.trail.trailTopicsAfter(BigInt(lastEventId), REPLAY_LIMIT + 1));
  if (new Set(missed.map(({ seq }) => seq)).size > REPLAY_LIMIT) {
    for (const kind of Object.keys(KINDS)) note({ topic: kind, environmentId: null, seq: null });
    const last = missed.at(-1);
    if (last) note({ topic: "audit", environmentId: null, seq: last.seq });
    return;
  }
  for (const { seq, environmentId, type, targetId } of missed) {
    note({ topic: "audit", environmentId: null, seq });
    if (type !== null && targetId !== null) note({ topic: `${type}:${targetId}`, environmentId, seq });
  }
}
