import type { Logger } from "pino";
import type { BatchResult, BatchWork } from "#lib/contracts/batch.ts";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import type { ReadRange } from "./read-rows.ts";
import { loadModel, withColumns, type KeptModel, type ModelSource } from "./load-model.ts";
import { workPartition } from "./work-partition.ts";

/** The control plane as batch work sees it. */
export type BatchLine = {
  leaseBatch(bootId: string): Promise<BatchWork | null>;
  /** False: put the work down. */
  tickBatch(work: BatchWork, bootId: string, rowsDone: number): Promise<boolean>;
  /** Answers the digest of the part. */
  sendBatchPart(text: string): Promise<string>;
  reportBatch(work: BatchWork, result: BatchResult): Promise<void>;
  readArtifact(digest: string, start: number, end: number): Promise<Buffer>;
};

export type BatchWorkerOptions = ModelSource & { readonly line: BatchLine; readonly bootId: string; readonly log: Logger };

export type BatchWorker = {
  /** Works off partitions until there is none. */
  work(signal: AbortSignal): Promise<void>;
  /** Lets the models go. */
  close(): Promise<void>;
};

const TICK_MS = 3000;
/** Models stay loaded this long after their last row: the next partition, or the next job, needs them again. */
const KEPT_MODELS = 2;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1000);

/** Takes parts of batch jobs one at a time, with model hosts of its own that give way to whatever serves. */
export function createBatchWorker(options: BatchWorkerOptions): BatchWorker {
  const { line, bootId, log } = options;
  /** Most recently used last. */
  const kept = new Map<string, KeptModel>();

  const modelFor = async (version: DesiredVersion, signal: AbortSignal): Promise<KeptModel> => {
    const known = kept.get(version.versionId);
    if (known !== undefined) {
      kept.delete(version.versionId);
      kept.set(version.versionId, known);
      return known;
    }
    const model = await loadModel(version, options, signal);
    kept.set(version.versionId, model);
    const surplus = [...kept].slice(0, Math.max(0, kept.size - KEPT_MODELS));
    for (const [versionId, old] of surplus) {
      kept.delete(versionId);
      await old.pool.close();
    }
    return model;
  };

  const workOff = async (work: BatchWork, signal: AbortSignal): Promise<void> => {
    const putDown = new AbortController();
    let rowsDone = 0;
    // Renews the lease while the part is worked on; a tick that fails is tried again by the next one.
    const timer = setInterval(() => {
      line.tickBatch(work, bootId, rowsDone).then(
        (goOn) => {
          if (!goOn) putDown.abort();
        },
        () => undefined,
      );
    }, TICK_MS);
    const stop = AbortSignal.any([signal, putDown.signal]);
    const { jobNumber, index, leaseToken } = work;
    try {
      const { columns } = work.input;
      const model = withColumns(await modelFor(work.version, stop), columns, work.mapping);
      const other = work.compareWith === null ? null : withColumns(await modelFor(work.compareWith, stop), columns, work.mapping);
      const read: ReadRange = (start, end) => line.readArtifact(work.input.digest, start, end);
      const onProgress = (done: number): void => {
        rowsDone = done;
      };
      const done = await workPartition({ work, model, other, read, signal: stop, onProgress });
      const output = await line.sendBatchPart(done.output);
      const errors = done.errors === "" ? null : await line.sendBatchPart(done.errors);
      await line.reportBatch(work, { bootId, leaseToken, output, errors, report: done.report, problem: null });
    } catch (error) {
      if (stop.aborted) {
        log.info({ job: jobNumber, part: index }, "Batch work put down");
        return;
      }
      log.warn({ job: jobNumber, part: index, problem: textOf(error) }, "A part of a batch job could not be worked off");
      await line.reportBatch(work, { bootId, leaseToken, output: null, errors: null, report: null, problem: textOf(error) });
    } finally {
      clearInterval(timer);
    }
  };

  return {
    async work(signal) {
      while (!signal.aborted) {
        const work = await line.leaseBatch(bootId);
        if (work === null) return;
        await workOff(work, signal);
      }
    },
    async close() {
      await Promise.all([...kept.values()].map(({ pool }) => pool.close()));
      kept.clear();
    },
  };
}
