import type { DesiredStream, StreamReport } from "#lib/contracts/streams.ts";
import { createStreamWorker, type StreamWorker, type StreamWorkerOptions } from "./stream-worker.ts";

/** All streams of this runtime. */
export type Streams = {
  want(streams: readonly DesiredStream[]): void;
  reports(): { readonly streamId: string; readonly report: StreamReport }[];
  stop(): Promise<void>;
};

export function createStreams(options: StreamWorkerOptions): Streams {
  const workers = new Map<string, StreamWorker>();
  return {
    want(streams) {
      for (const stream of streams) {
        const known = workers.get(stream.streamId);
        if (known === undefined) workers.set(stream.streamId, createStreamWorker(options, stream));
        else known.want(stream);
      }
    },
    reports: () => [...workers].map(([streamId, worker]) => ({ streamId, report: worker.report() })),
    async stop() {
      await Promise.all([...workers.values()].map((worker) => worker.stop()));
    },
  };
}
