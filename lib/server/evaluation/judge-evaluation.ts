import type { EvaluationReport, EvaluationSettings } from "#lib/contracts/evaluation.ts";
import { outsideLimits, UNANSWERED_LIMIT } from "#lib/domain/evaluation/limits.ts";

export const percent = (share: number): string => `${Number((share * 100).toFixed(share >= 0.1 && share < 0.9995 ? 1 : 2))} %`;
export const figure = (value: number): string => String(Number(value.toPrecision(4)));

const PLAIN: Readonly<Record<string, string>> = {
  wrongLabelRate: "share of wrong labels",
  macroF1: "mean F1",
  areaUnderRoc: "area under the ROC curve",
  logLoss: "log loss",
  brierScore: "Brier score",
  calibrationError: "calibration error",
  meanAbsoluteError: "mean absolute error",
  rootMeanSquareError: "root mean square error",
  meanError: "mean error",
  rSquared: "R squared",
  f1: "F1",
};

/** A figure's name in a sentence: "recall of defaulted". */
export function figureWords(name: string): string {
  const at = name.indexOf(":");
  const [kind, of] = at < 0 ? [name, null] : [name.slice(0, at), name.slice(at + 1)];
  const words = Object.hasOwn(PLAIN, kind) ? (PLAIN[kind] ?? kind) : kind;
  return of === null ? words : `${words} of ${of}`;
}

const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const overlapShare = ({ overlap, rows }: EvaluationReport): number | null => (overlap === null || rows.total === 0 ? null : overlap.sharedRows / rows.total);

const outsideWords = (name: string, { measures }: EvaluationReport, { thresholds }: EvaluationSettings): string => {
  const found = measures.find((measure) => measure.name === name);
  const { min, max } = thresholds[name] ?? { min: null, max: null };
  const agreed = [min === null ? null : `at least ${figure(min)}`, max === null ? null : `at most ${figure(max)}`].filter((part) => part !== null).join(" and ");
  const words = figureWords(name);
  return asSentence(found === undefined ? `${words} was not measured; ${agreed} was agreed.` : `${words} is ${figure(found.value)}; ${agreed} was agreed.`);
};

/** What keeps an evaluation from passing, in words; empty when nothing does. */
export function faultsOf(report: EvaluationReport, settings: EvaluationSettings): string[] {
  const faults = outsideLimits(report.measures, settings.thresholds).map((name) => outsideWords(name, report, settings));
  const unanswered = report.rows.total === 0 ? 0 : report.rows.withoutAnswer / report.rows.total;
  if (unanswered > UNANSWERED_LIMIT) faults.push(`${percent(unanswered)} of the rows have no answer; at most ${percent(UNANSWERED_LIMIT)} may.`);
  const shared = overlapShare(report);
  if (shared !== null && shared > settings.overlapLimit) faults.push(`${percent(shared)} of the rows are in the training data too; at most ${percent(settings.overlapLimit)} may be.`);
  const { gapLimit } = settings;
  if (gapLimit !== null)
    for (const { column, metric, gap } of report.slices)
      if (gap !== null && gap > gapLimit) faults.push(`${asSentence(figureWords(metric))} differs by ${figure(gap)} between slices of ${column}; at most ${figure(gapLimit)} was agreed.`);
  return faults;
}
