import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Collected, Report } from "#lib/domain/evaluation/make-report.ts";
import { EvaluationProblem } from "#lib/domain/evaluation/read-answers.ts";

export type ThreadAnswer = { readonly report: Report; readonly problem: null } | { readonly report: null; readonly problem: string };

const MEMORY_MB = 1024;

/** The figures, made in a thread of their own: sorting a hundred thousand scores would hold up every request in between. Throws `EvaluationProblem`. */
export async function reportInThread(collected: Collected, signal: AbortSignal): Promise<Report> {
  const thread = new Worker(new URL("./report-thread.ts", import.meta.url), { workerData: collected, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  const stop = (): void => void thread.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const answered = once(thread, "message", { signal });
    const ended = once(thread, "exit").then(() => Promise.reject(new Error("The thread that makes the figures ended without them.")));
    const [answer] = (await Promise.race([answered, ended])) as [ThreadAnswer];
    if (answer.report === null) throw new EvaluationProblem(answer.problem);
    return answer.report;
  } finally {
    signal.removeEventListener("abort", stop);
    await thread.terminate();
  }
}
