import { streamChange, type StreamChange } from "#lib/contracts/stream.ts";

/**
 * One stream a page. It says what changed; the caller reads again. Changes are handed on at most once a second. Without a
 * tick for 5 s the page is stale; after three failed connects it reads every 5 s instead and tries the stream again each 30 s.
 */

export type LiveMode = "connecting" | "live" | "polling";
export type LiveState = {
  readonly mode: LiveMode;
  /** Clock of this browser, ms, at the last sign of life. */ readonly lastMs: number | null;
};
export type Change = StreamChange["changes"][number];

export const STALE_AFTER_MS = 5_000;
const POLL_MS = 5_000;
const RETRY_STREAM_MS = 30_000;
const HANDOVER_MS = 1_000;
const MAX_FAILURES = 3;

/** The part of EventSource that is used; tests bring their own. */
export type EventSourceLike = {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
};

export type LiveStreamOptions = {
  readonly open: () => EventSourceLike;
  /** Changed things since the last call. Null: anything may have changed. */
  readonly onChanges: (changes: readonly Change[] | null) => void;
  /** Reads again what is on the screen; resolves true when the server answered. */
  readonly poll: () => Promise<boolean>;
  readonly nowMs: () => number;
  readonly setTimer: (run: () => void, ms: number) => () => void;
};

export type LiveStream = {
  start: () => void;
  stop: () => void;
  subscribe: (listener: () => void) => () => void;
  getState: () => LiveState;
};

export function createLiveStream(options: LiveStreamOptions): LiveStream {
  let state: LiveState = { mode: "connecting", lastMs: null };
  let source: EventSourceLike | null = null;
  let failures = 0;
  let running = false;
  let handedOverMs = -Infinity;
  let cancelHandover: (() => void) | null = null;
  let everLive = false;
  const pending = new Map<string, Change>();
  const timers = new Set<() => void>();
  const listeners = new Set<() => void>();

  const set = (next: LiveState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  const after = (ms: number, run: () => void) => {
    const cancel = options.setTimer(() => {
      timers.delete(cancel);
      if (running) run();
    }, ms);
    timers.add(cancel);
    return cancel;
  };

  const handOver = () => {
    cancelHandover = null;
    handedOverMs = options.nowMs();
    const changes = [...pending.values()];
    pending.clear();
    if (changes.length > 0) options.onChanges(changes);
  };

  const receive = (data: unknown) => {
    const parsed = streamChange.safeParse(typeof data === "string" ? parseJson(data) : null);
    if (!parsed.success) return;
    for (const change of parsed.data.changes)
      pending.set(`${change.topic} ${change.id ?? ""}`, change);
    if (cancelHandover !== null) return;
    const wait = handedOverMs + HANDOVER_MS - options.nowMs();
    if (wait <= 0) handOver();
    else cancelHandover = after(wait, handOver);
  };

  const alive = () => {
    // What happened while the stream was away is unknown: read everything once.
    if (state.mode !== "live" && everLive) options.onChanges(null);
    everLive = true;
    failures = 0;
    set({ mode: "live", lastMs: options.nowMs() });
  };

  const connect = () => {
    source?.close();
    const opened = options.open();
    source = opened;
    opened.addEventListener("tick", alive);
    opened.addEventListener("change", (event) => {
      alive();
      receive(event.data);
    });
    opened.addEventListener("error", () => {
      if (source !== opened || !running) return;
      failures += 1;
      if (failures < MAX_FAILURES) {
        if (state.mode === "live") set({ ...state, mode: "connecting" });
        return;
      }
      opened.close();
      source = null;
      if (state.mode !== "polling") {
        set({ ...state, mode: "polling" });
        pollAgain();
      }
      after(RETRY_STREAM_MS, connect);
    });
  };

  const pollAgain = () => {
    if (state.mode !== "polling") return;
    void options.poll().then((answered) => {
      if (answered && running && state.mode === "polling")
        set({ mode: "polling", lastMs: options.nowMs() });
    });
    after(POLL_MS, pollAgain);
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      failures = 0;
      connect();
    },
    stop: () => {
      running = false;
      source?.close();
      source = null;
      cancelHandover = null;
      for (const cancel of timers) cancel();
      timers.clear();
      set({ ...state, mode: "connecting" });
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
  };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}
