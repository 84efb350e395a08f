/** Makes the figures of an evaluation beside the event loop that answers requests. */
import { parentPort, workerData } from "node:worker_threads";
import { makeReport, type Collected } from "#lib/domain/evaluation/make-report.ts";
import { EvaluationProblem } from "#lib/domain/evaluation/read-answers.ts";
import type { ThreadAnswer } from "./report-in-thread.ts";

function answer(): ThreadAnswer {
  try {
    return { report: makeReport(workerData as Collected), problem: null };
  } catch (error) {
    if (error instanceof EvaluationProblem) return { report: null, problem: error.message };
    throw error;
  }
}

parentPort?.postMessage(answer());
