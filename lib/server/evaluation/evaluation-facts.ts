import type { EvaluationReport } from "#lib/contracts/evaluation.ts";
import { evaluationDocument, type EvaluationDocument } from "#lib/contracts/registry-api.ts";
import { SMALLEST_SLICE } from "#lib/domain/evaluation/slices.ts";
import { outsideLimits } from "#lib/domain/evaluation/limits.ts";
import type { EvaluationRecord } from "../db/evaluation-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { NewFact } from "../governance/record-facts.ts";
import { versionSubject } from "../governance/subjects.ts";
import { figure, figureWords, overlapShare } from "./judge-evaluation.ts";

export const EVALUATION_PRODUCER = { producer: "Evaluation", producerVersion: "evaluation/1" } as const;

type Done = { readonly evaluation: EvaluationRecord; readonly version: VersionRecord; readonly report: EvaluationReport; readonly startedAt: Date; readonly inputsHash: string };

/** With more classes the figures of each one stay in the report. */
const MOST_CLASSES_IN_DOCUMENT = 3;
const LONGEST_NAME = 64;

const judgedSlices = (report: EvaluationReport) => report.slices.flatMap(({ column, metric, rows }) => rows.flatMap(({ name, n, value, isJudged }) => (isJudged && value !== null ? [{ column, metric, name, n, value }] : [])));

/** The evaluation in the form in which engineers send theirs: what the model card, the comparison of versions and change plans read. */
export function documentOf({ evaluation, report, startedAt }: Omit<Done, "version" | "inputsHash">): EvaluationDocument {
  const { settings } = evaluation;
  const isFew = (report.confusion?.classes.length ?? Number.POSITIVE_INFINITY) <= MOST_CLASSES_IN_DOCUMENT;
  const shown = report.measures.filter(({ name }) => name.length <= LONGEST_NAME && (isFew || !name.includes(":")));
  const slices = judgedSlices(report);
  const metric = slices[0]?.metric;
  return evaluationDocument.parse({
    dataset: settings.dataset,
    datasetSha256: evaluation.dataDigest.slice("sha256:".length),
    rows: report.rows.measured,
    metrics: Object.fromEntries(shown.map(({ name, value, low, high }) => [name, { value, low, high }])),
    thresholds: Object.keys(settings.thresholds).length === 0 ? null : settings.thresholds,
    thresholdsSetAt: evaluation.createdAt.toISOString(),
    ranAt: startedAt.toISOString(),
    slices:
      settings.gapLimit === null || metric === undefined || metric.length > LONGEST_NAME || slices.length < 2
        ? null
        : { metric, gapLimit: settings.gapLimit, rows: slices.slice(0, 200).map(({ column, name, value, n }) => ({ name: `${column}: ${name}`.slice(0, 128), value, rows: n })) },
  });
}

/** What an evaluation proves, as kinds of the catalogue. */
export function evaluatedFacts({ evaluation, version, report, startedAt, inputsHash }: Done): NewFact[] {
  const { settings, dataDigest, number } = evaluation;
  const { datasetSha256 } = version.lineage;
  const subject = versionSubject(version);
  const hasLimits = Object.keys(settings.thresholds).length > 0;
  const facts: NewFact[] = [
    {
      kind: "validation_report_passed",
      subject,
      inputsHash,
      summary: `${report.rows.measured} held-out rows of ${settings.dataset}, run by Slipway in evaluation ${number}.`,
      details: {
        dataset: settings.dataset,
        datasetDigest: dataDigest,
        trainingDatasetDigest: settings.training ?? (datasetSha256 === null ? null : `sha256:${datasetSha256}`),
        rows: report.rows.measured,
        metricsOutside: hasLimits ? outsideLimits(report.measures, settings.thresholds).length : null,
        thresholdsSetAt: hasLimits ? evaluation.createdAt.toISOString() : null,
        ranAt: startedAt.toISOString(),
        overlapShare: overlapShare(report),
        overlapLimit: settings.overlapLimit,
        evaluation: number,
      },
    },
  ];
  const slices = judgedSlices(report);
  const [first] = slices;
  if (first !== undefined) {
    const worstGap = Math.max(...report.slices.map(({ gap }) => gap ?? 0));
    const small = report.slices.reduce((sum, { rows }) => sum + rows.filter(({ isJudged }) => !isJudged).length, 0);
    facts.push({
      kind: "subgroup_performance_report",
      subject,
      inputsHash,
      summary: `The ${figureWords(first.metric)} over ${slices.length} slices by ${report.slices.map(({ column }) => column).join(", ")}; the worst is ${figure(worstGap)} from the best${small === 0 ? "" : `; ${small} of fewer than ${SMALLEST_SLICE} rows are not judged`}.`,
      details: { metric: first.metric, slices: slices.length, worstGap, gapLimit: settings.gapLimit, smallestSlice: Math.min(...slices.map(({ n }) => n)), evaluation: number },
    });
  }
  return facts;
}
