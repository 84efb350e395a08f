import { describe, expect, it } from "vitest";
import { createLiveStream, type Change, type EventSourceLike } from "#lib/client/live-stream.ts";

/** A clock and timers that only move when told to, and a stream whose messages the test sends. */
function bench() {
  let now = 0;
  let nextId = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  const opened: {
    listeners: Map<string, ((event: { data?: unknown }) => void)[]>;
    closed: boolean;
  }[] = [];
  const handed: (readonly Change[] | null)[] = [];
  let polls = 0;
  let answers = true;
  const stream = createLiveStream({
    open: (): EventSourceLike => {
      const source = {
        listeners: new Map<string, ((event: { data?: unknown }) => void)[]>(),
        closed: false,
      };
      opened.push(source);
      return {
        addEventListener: (type, listener) =>
          void source.listeners.set(type, [...(source.listeners.get(type) ?? []), listener]),
        close: () => void (source.closed = true),
      };
    },
    onChanges: (changes) => void handed.push(changes),
    poll: () => {
      polls += 1;
      return Promise.resolve(answers);
    },
    nowMs: () => now,
    setTimer: (run, ms) => {
      nextId += 1;
      const id = nextId;
      timers.set(id, { at: now + ms, run });
      return () => void timers.delete(id);
    },
  });
  const advance = async (ms: number) => {
    const until = now + ms;
    for (;;) {
      const due = [...timers]
        .filter(([, timer]) => timer.at <= until)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      due[1].run();
      await Promise.resolve();
    }
    now = until;
    await Promise.resolve();
  };
  const send = (type: string, data?: unknown) => {
    const source = opened.at(-1);
    for (const listener of source?.listeners.get(type) ?? [])
      listener({ data: JSON.stringify(data) });
  };
  const change = (id: string) => ({
    at: "2026-11-23T14:00:00.000Z",
    changes: [{ topic: "release", id }],
  });
  return {
    stream,
    advance,
    send,
    change,
    handed,
    opened,
    polls: () => polls,
    answer: (value: boolean) => void (answers = value),
  };
}

describe("the live stream", () => {
  it("hands changes on at once and then at most once a second, each thing once", async () => {
    const b = bench();
    b.stream.start();
    b.send("change", b.change("142"));
    expect(b.handed).toEqual([[{ topic: "release", id: "142" }]]);
    b.send("change", b.change("142"));
    b.send("change", b.change("143"));
    b.send("change", b.change("142"));
    await b.advance(999);
    expect(b.handed).toHaveLength(1);
    await b.advance(1);
    expect(b.handed[1]).toEqual([
      { topic: "release", id: "142" },
      { topic: "release", id: "143" },
    ]);
  });

  it("is live from the first tick and remembers when the last came", async () => {
    const b = bench();
    b.stream.start();
    expect(b.stream.getState().mode).toBe("connecting");
    await b.advance(700);
    b.send("tick", {});
    expect(b.stream.getState()).toEqual({ mode: "live", lastMs: 700 });
  });

  it("reads every 5 s after three failed connects and tries the stream again after 30 s", async () => {
    const b = bench();
    b.stream.start();
    for (let i = 0; i < 3; i += 1) b.send("error");
    expect(b.stream.getState().mode).toBe("polling");
    expect(b.opened[0]?.closed).toBe(true);
    await b.advance(20_000);
    expect(b.polls()).toBe(5);
    await b.advance(10_000);
    expect(b.opened).toHaveLength(2);
    b.send("tick", {});
    expect(b.stream.getState().mode).toBe("live");
    const before = b.polls();
    await b.advance(20_000);
    expect(b.polls()).toBe(before);
  });

  it("does not pretend to be fresh when polling gets no answer", async () => {
    const b = bench();
    b.answer(false);
    b.stream.start();
    for (let i = 0; i < 3; i += 1) b.send("error");
    await b.advance(20_000);
    expect(b.stream.getState().lastMs).toBeNull();
  });

  it("reads everything once when the stream comes back after a gap", () => {
    const b = bench();
    b.stream.start();
    b.send("tick", {});
    b.send("error");
    expect(b.handed).toEqual([]);
    b.send("tick", {});
    expect(b.handed).toEqual([null]);
  });

  it("ignores messages it cannot read", () => {
    const b = bench();
    b.stream.start();
    b.send("change", { nonsense: true });
    expect(b.handed).toEqual([]);
  });

  it("does nothing after stop", async () => {
    const b = bench();
    b.stream.start();
    b.send("change", b.change("1"));
    b.send("change", b.change("2"));
    b.stream.stop();
    await b.advance(60_000);
    expect(b.handed).toHaveLength(1);
    expect(b.polls()).toBe(0);
  });
});
