import type { Logger } from "pino";
import type { EvaluationReport, EvaluationResult, EvaluationWork } from "#lib/contracts/evaluation.ts";
import { loadModel, withColumns, type ModelSource } from "../batch/load-model.ts";
import { collectAnswers } from "./collect-answers.ts";
import { reportInThread } from "./report-in-thread.ts";

/** The control plane as evaluations see it. */
export type EvaluationLine = {
  leaseEvaluation(bootId: string): Promise<EvaluationWork | null>;
  /** False: put the work down. */
  tickEvaluation(work: EvaluationWork, bootId: string, rowsDone: number): Promise<boolean>;
  reportEvaluation(work: EvaluationWork, result: EvaluationResult): Promise<void>;
  readArtifact(digest: string, start: number, end: number): Promise<Buffer>;
};

export type EvaluationWorkerOptions = ModelSource & { readonly line: EvaluationLine; readonly bootId: string; readonly log: Logger };

const TICK_MS = 2000;
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1000);

/** Carries out evaluations one at a time until there is none, each in a model host of its own that is ended afterwards. */
export async function workEvaluations(options: EvaluationWorkerOptions, signal: AbortSignal): Promise<void> {
  const { line, bootId, log } = options;
  while (!signal.aborted) {
    const work = await line.leaseEvaluation(bootId);
    if (work === null) return;
    const putDown = new AbortController();
    const stop = AbortSignal.any([signal, putDown.signal]);
    let rowsDone = 0;
    // Renews the lease and tells progress; a tick that fails is tried again by the next one.
    const timer = setInterval(() => {
      line.tickEvaluation(work, bootId, rowsDone).then(
        (goOn) => {
          if (!goOn) putDown.abort();
        },
        () => undefined,
      );
    }, TICK_MS);
    try {
      const report = await evaluate(work, options, stop, (done) => {
        rowsDone = done;
      });
      await line.reportEvaluation(work, { bootId, leaseToken: work.leaseToken, report, problem: null });
    } catch (error) {
      if (stop.aborted) {
        log.info({ evaluation: work.number }, "Evaluation put down");
        continue;
      }
      log.warn({ evaluation: work.number, problem: textOf(error) }, "An evaluation could not be carried out");
      await line.reportEvaluation(work, { bootId, leaseToken: work.leaseToken, report: null, problem: textOf(error) });
    } finally {
      clearInterval(timer);
    }
  }
}

async function evaluate(work: EvaluationWork, options: EvaluationWorkerOptions, signal: AbortSignal, onProgress: (rowsDone: number) => void): Promise<EvaluationReport> {
  const { line } = options;
  const kept = await loadModel(work.version, options, signal);
  try {
    const model = withColumns(kept, work.data.columns, work.settings.mapping);
    const collected = await collectAnswers({
      work,
      model,
      readData: (start, end) => line.readArtifact(work.data.digest, start, end),
      readTraining: work.training === null ? null : (start, end) => line.readArtifact(work.training?.digest ?? "", start, end),
      signal,
      onProgress,
    });
    return mutable(await reportInThread(collected, signal));
  } finally {
    await kept.pool.close();
  }
}

/** As the contract's type has it: the same value. */
const mutable = (report: unknown): EvaluationReport => report as EvaluationReport;
