import { Client } from "pg";
import { z } from "zod";
import { NOTIFY_CHANNEL, type TrailTopic } from "../db/notifications.ts";
import type { Logger } from "../logger.ts";

/** Something changed. It says what to read again and carries no data. */
export type BusEvent = {
  /** `release:<id>`, `endpoint:<id>`, ... or a bare word such as `desired-state`. */
  readonly topic: string;
  /** Number of the audit entry that says so; null for telemetry, which is not in the trail. */
  readonly seq: bigint | null;
  readonly environmentId: string | null;
};

export type Bus = {
  /**
   * Calls back for every event on one of these topics: exact (`release:<id>`), a whole kind (`release`), or `*` for all.
   * May be called late or twice, and once with nothing new; never relied on alone. Answers how to stop.
   */
  subscribe(topics: readonly string[], listener: (event: BusEvent) => void): () => void;
  /** Resolves once it listens, or has failed to for the first time; it goes on trying by itself. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type Trail = {
  newestSeq(): Promise<bigint>;
  topicsAfter(seq: bigint, limit: number): Promise<readonly TrailTopic[]>;
};

const BATCH = 500;
const POLL_MS = 5_000;
const FIRST_RECONNECT_MS = 200;
const MAX_RECONNECT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;

const payloadSchema = z.object({ topics: z.array(z.string().max(200)).max(500) });

/**
 * Tells this process what changed, in any replica. The audit trail itself is the event log: a notification only says "look", and looking
 * reads the trail from where this process stood. So a lost notification costs at most one poll interval, and events keep their order.
 */
export function createBus(databaseUrl: string, trail: Trail, logger: Logger): Bus {
  const listeners = new Set<{ topics: ReadonlySet<string>; call: (event: BusEvent) => void }>();
  let position: bigint | null = null;
  let reading: Promise<void> | null = null;
  let again = false;
  let client: Client | null = null;
  let stopped = true;
  let poll: NodeJS.Timeout | null = null;
  let reconnect: NodeJS.Timeout | null = null;
  let failures = 0;

  const emit = (event: BusEvent): void => {
    const kind = event.topic.split(":", 1)[0] ?? event.topic;
    for (const { topics, call } of [...listeners]) {
      if (!topics.has("*") && !topics.has(kind) && !topics.has(event.topic)) continue;
      try {
        call(event);
      } catch (error) {
        logger.error({ err: error, topic: event.topic }, "an event listener failed");
      }
    }
  };

  const readTrail = async (): Promise<void> => {
    position ??= await trail.newestSeq();
    for (;;) {
      const rows = await trail.topicsAfter(position, BATCH);
      if (rows.length === 0) return;
      for (const { seq, environmentId, type, targetId } of rows) {
        if (seq > position) emit({ topic: "audit", seq, environmentId: null });
        position = seq;
        if (type !== null && targetId !== null) emit({ topic: `${type}:${targetId}`, seq, environmentId });
      }
    }
  };

  /** One reader at a time; a call during a read makes it read once more. */
  const look = (): Promise<void> => {
    if (reading !== null) {
      again = true;
      return reading;
    }
    reading = readTrail()
      .catch((error: unknown) => logger.warn({ err: error }, "the audit trail could not be read for events"))
      .finally(() => {
        reading = null;
        if (again && !stopped) {
          again = false;
          void look();
        }
      });
    return reading;
  };

  const onNotification = (payload: string | undefined): void => {
    const parsed = payloadSchema.safeParse(parseJson(payload));
    for (const topic of parsed.success ? parsed.data.topics : []) emit({ topic, seq: null, environmentId: null });
    void look();
  };

  const connect = async (): Promise<void> => {
    const next = new Client({
      connectionString: databaseUrl,
      application_name: "slipway-events",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    const lost = (error?: Error): void => {
      if (client !== next && client !== null) return;
      client = null;
      next.removeAllListeners("notification");
      void next.end().catch(() => undefined);
      if (stopped || reconnect !== null) return;
      failures += 1;
      logger.warn({ err: error, failures }, "events: connection lost, polling until it is back");
      reconnect = setTimeout(() => {
        reconnect = null;
        void connect();
      }, Math.min(MAX_RECONNECT_MS, FIRST_RECONNECT_MS * 2 ** failures));
    };
    // A client without an error listener would end the process.
    next.on("error", lost);
    next.on("end", () => lost());
    next.on("notification", ({ payload }) => onNotification(payload));
    try {
      await next.connect();
      await next.query(`LISTEN ${NOTIFY_CHANNEL}`);
      if (stopped) return void (await next.end());
      client = next;
      failures = 0;
      await look();
    } catch (error) {
      lost(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return {
    subscribe(topics, call) {
      const entry = { topics: new Set(topics), call };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    async start() {
      if (!stopped) return;
      stopped = false;
      poll = setInterval(() => void look(), POLL_MS);
      await connect();
    },
    async stop() {
      stopped = true;
      if (poll) clearInterval(poll);
      if (reconnect) clearTimeout(reconnect);
      poll = reconnect = null;
      const open = client;
      client = null;
      await open?.end().catch(() => undefined);
      await reading;
    },
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return value;
  } catch {
    return null;
  }
}
