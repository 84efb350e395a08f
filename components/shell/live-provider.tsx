"use client";

import { useQueryClient, type Query, type QueryClient } from "@tanstack/react-query";
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { z } from "zod";
import {
  createLiveStream,
  STALE_AFTER_MS,
  type Change,
  type LiveState,
  type LiveStream,
} from "#lib/client/live-stream.ts";

const LiveContext = createContext<LiveStream | null>(null);
const HIDDEN_STOP_MS = 30_000;
const none: LiveState = { mode: "connecting", lastMs: null };

/** One stream for the page: says which queries are old. Stops 30 s after the tab is hidden and reads all again on return. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const stream = useMemo(() => streamFor(client), [client]);

  useEffect(() => {
    stream.start();
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const onVisibility = () => {
      clearTimeout(hiddenTimer);
      if (document.visibilityState === "hidden") {
        hiddenTimer = setTimeout(() => {
          stopped = true;
          stream.stop();
        }, HIDDEN_STOP_MS);
      } else if (stopped) {
        stopped = false;
        stream.start();
        void client.invalidateQueries();
      }
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      clearTimeout(hiddenTimer);
      stream.stop();
    };
  }, [client, stream]);

  return <LiveContext value={stream}>{children}</LiveContext>;
}

function streamFor(client: QueryClient): LiveStream {
  return createLiveStream({
    open: () => {
      const source = new EventSource("/api/v1/stream");
      return {
        addEventListener: (type, listener) => {
          source.addEventListener(type, (event) => {
            listener(event instanceof MessageEvent ? { data: event.data as unknown } : {});
          });
        },
        close: () => {
          source.close();
        },
      };
    },
    onChanges: (changes) => {
      void invalidate(client, changes);
    },
    poll: async () => {
      await client.invalidateQueries({}, { cancelRefetch: false });
      return client
        .getQueryCache()
        .getAll()
        .some(
          (query) =>
            query.isActive() &&
            query.state.status === "success" &&
            query.state.fetchFailureCount === 0,
        );
    },
    nowMs: () => performance.now(),
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  });
}

const aboutRelease = z.object({ releaseId: z.string() });

const AGAIN_MS = 1_000;

/**
 * Queries begin with the topic that makes them old; a release page is only old when it is about that release. A read that
 * is under way is left alone, or a slow server would never get one to its end; what it may have missed is read after it.
 */
async function invalidate(client: QueryClient, changes: readonly Change[] | null): Promise<void> {
  const filters = changes === null ? {} : { predicate: (query: Query) => isOld(query, changes) };
  const missed = client.isFetching(filters) > 0;
  await client.invalidateQueries(filters, { cancelRefetch: false });
  if (!missed) return;
  setTimeout(() => {
    void client.invalidateQueries(filters, { cancelRefetch: false });
  }, AGAIN_MS);
}

function isOld(query: Query, changes: readonly Change[]): boolean {
  return changes.some((change) => {
    if (query.queryKey[0] !== change.topic) return false;
    const subject = query.queryKey[1] === "page" ? aboutRelease.safeParse(query.state.data) : null;
    return change.id === null || !subject?.success || subject.data.releaseId === change.id;
  });
}

export type Liveness = {
  readonly mode: LiveState["mode"];
  /** Seconds since the last sign of life; null before the first. */
  readonly ageSeconds: number | null;
  readonly isStale: boolean;
};

/** How fresh the page is, looked at twice a second. */
export function useLiveness(): Liveness {
  const stream = use(LiveContext);
  const state = useSyncExternalStore(
    stream?.subscribe ?? (() => () => undefined),
    stream?.getState ?? (() => none),
    () => none,
  );
  const [nowMs, setNowMs] = useState<number | null>(null);
  useEffect(() => {
    const look = () => {
      setNowMs(performance.now());
    };
    look();
    const timer = setInterval(look, 500);
    return () => {
      clearInterval(timer);
    };
  }, []);
  if (state.lastMs === null || nowMs === null)
    return { mode: state.mode, ageSeconds: null, isStale: false };
  const ageMs = Math.max(0, nowMs - state.lastMs);
  const limit = state.mode === "polling" ? 3 * STALE_AFTER_MS : STALE_AFTER_MS;
  return { mode: state.mode, ageSeconds: ageMs / 1000, isStale: ageMs > limit };
}
