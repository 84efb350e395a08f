import { evaluationDocument } from "#lib/contracts/registry-api.ts";
import type { MetricSeries } from "#lib/contracts/views/version-view.ts";
import type { z } from "zod";
import type { EvidenceRecord } from "../../db/evidence-repository.ts";
import type { VersionHead } from "../../db/registry-reads.ts";

type Evaluation = z.output<typeof evaluationDocument>;

/** What was sent with a version, or null when there is none or it is not readable. */
export function evaluationOf(evidence: EvidenceRecord | undefined): Evaluation | null {
  const parsed = evaluationDocument.safeParse(evidence?.details["evaluation"]);
  return parsed.success ? parsed.data : null;
}

/** The number of the evaluation that these figures come from; null when they were stated. */
export function evaluationNumber(evidence: EvidenceRecord | undefined): number | null {
  const number = evidence?.details["number"];
  return typeof number === "number" ? number : null;
}

const dataOf = (evaluation: Evaluation): string => evaluation.datasetSha256 ?? `${evaluation.dataset} ${evaluation.rows}`;

/**
 * The figures of this version with those of the ones before it, one series a metric, in the order this version's document has them.
 * `versions` oldest first, this one last. A version without a figure has no point.
 */
export function metricSeries(versions: readonly VersionHead[], evidence: ReadonlyMap<string, EvidenceRecord>): MetricSeries[] {
  const last = versions.at(-1);
  const own = last === undefined ? null : evaluationOf(evidence.get(last.id));
  if (own === null) return [];
  const all = versions.flatMap((version) => {
    const evaluation = evaluationOf(evidence.get(version.id));
    return evaluation === null ? [] : [{ version, evaluation }];
  });
  return Object.keys(own.metrics).map((name) => ({
    name,
    unit: null,
    points: all.flatMap(({ version, evaluation }) => {
      const metric = Object.hasOwn(evaluation.metrics, name) ? evaluation.metrics[name] : undefined;
      return metric === undefined
        ? []
        : [{ versionName: version.name, ...metric, sameData: dataOf(evaluation) === dataOf(own) }];
    }),
  }));
}
