import type { EvaluationReport, EvaluationSettings } from "#lib/contracts/evaluation.ts";
import type { EvaluationRecord } from "../db/evaluation-repository.ts";
import { figure, percent } from "./judge-evaluation.ts";

const rowsText = (n: number): string => n.toLocaleString("en-GB");

function overlapWords({ overlap, rows }: EvaluationReport): string {
  if (overlap === null) return "The training rows were not at hand, so whether rows are in both is not known.";
  if (overlap.sharedRows === 0) return "None of them is in the training data.";
  return `${rowsText(overlap.sharedRows)} of ${rowsText(rows.total)} are in the training data too.`;
}

/** The main figure in a sentence, with its interval and what the rows are. */
export function sayReport(name: string, report: EvaluationReport, { dataset }: EvaluationSettings): string {
  const of = `${rowsText(report.rows.measured)} held-out rows of ${dataset}`;
  const find = (metric: string) => report.measures.find((measure) => measure.name === metric);
  const [accuracy, error] = [find("accuracy"), find("meanAbsoluteError")];
  const between = (low: number | null, high: number | null, text: (value: number) => string): string => (low === null || high === null ? "" : ` (95 % interval ${text(low)} to ${text(high)})`);
  const main =
    accuracy !== undefined
      ? `${name} is right on ${percent(accuracy.value)} of ${of}${between(accuracy.low, accuracy.high, percent)}.`
      : error !== undefined
        ? `${name} is off by ${figure(error.value)} on average over ${of}${between(error.low, error.high, figure)}.`
        : `${name} was run over ${of}.`;
  const without = report.rows.withoutAnswer === 0 ? "" : ` ${rowsText(report.rows.withoutAnswer)} rows have no answer and are not counted.`;
  return `${main}${without} ${overlapWords(report)}`;
}

/** Where an evaluation stands, in one or two sentences. */
export function sayEvaluation(name: string, evaluation: EvaluationRecord, rowsTotal: number): string {
  const { state, settings, report, faults } = evaluation;
  const rows = `${rowsText(rowsTotal)} rows of ${settings.dataset}`;
  if (state === "cancelled") return `The evaluation of ${name} on ${rows} was cancelled. It proves nothing.`;
  if (state === "failed") return `The evaluation of ${name} on ${rows} could not be carried out. It proves nothing.`;
  if (state === "open" || report === null)
    return evaluation.isTaken ? `A runtime runs ${name} over ${rows} in a process of its own: ${rowsText(evaluation.rowsDone)} are done.` : `${name} waits for a runtime to run it over ${rows}.`;
  const limits = Object.keys(settings.thresholds).length;
  const verdict = faults.length > 0 ? faults.join(" ") : limits === 0 ? "No limits were agreed before the run, so the figures are shown and nothing is called passed." : `${limits === 1 ? "The limit" : `All ${limits} limits`} agreed before the run ${limits === 1 ? "is" : "are"} kept.`;
  return `${sayReport(name, report, settings)} ${verdict}`;
}
