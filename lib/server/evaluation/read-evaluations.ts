import { z } from "zod";
import { inputContract } from "#lib/contracts/artifact.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import type { EvaluationListView, EvaluationRow, EvaluationView } from "#lib/contracts/views/evaluation-view.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { valuesPerRow } from "#lib/domain/contract/contract-slots.ts";
import { MOST_EVALUATED_ROWS } from "#lib/domain/evaluation/limits.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { EvaluationRecord } from "../db/evaluation-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { Actor, ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actFor, closed } from "../registry/views/open-acts.ts";
import { locateEvaluation } from "./locate-evaluation.ts";
import { sayEvaluation } from "./say-evaluation.ts";

const MOST_SHOWN = 100;
const EVALUATORS = "engineers, ML leads and validators";

function rowOf(evaluation: EvaluationRecord, rowsTotal: number): EvaluationRow {
  const { number, state, settings, report, faults, createdBy, createdAt, finishedAt, rowsDone, isTaken } = evaluation;
  const main = report?.measures.find(({ name }) => name === "accuracy" || name === "meanAbsoluteError");
  return {
    number,
    state: state === "open" ? (isTaken ? "running" : "waiting") : state,
    dataset: settings.dataset,
    rowsTotal,
    rowsDone: report === null ? rowsDone : report.rows.total,
    passed: report === null ? null : faults.length === 0,
    main: main === undefined ? null : { name: main.name, value: main.value, low: main.low, high: main.high },
    createdBy,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

/** Evaluations of a version as rows, newest first. */
export async function evaluationRows(db: ReadModels, versionId: string): Promise<EvaluationRow[]> {
  const found = await db.evaluations.evaluationsOf(versionId, MOST_SHOWN);
  return Promise.all(found.map(async (evaluation) => rowOf(evaluation, (await db.batch.findInput(evaluation.dataDigest))?.rows ?? 0)));
}

function mayEvaluate(actor: Actor, { format, state }: VersionRecord) {
  const fit = servingFit(format);
  if (!fit.isServed) return closed(fit.reason);
  if (state === "quarantined") return closed("It is quarantined: it broke its process before.");
  return actFor(actor, "version:evaluate", EVALUATORS);
}

/** Evaluations of a version, and what a form for another one needs. */
export const listEvaluations = query({
  name: "list-evaluations",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ model: slug, version: versionName }),
  async run({ db, actor, input, now, authorise }): Promise<EvaluationListView> {
    const model = await db.models.getModel(input.model);
    const version = await db.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }] });
    const contract = inputContract.parse(version.contract);
    const training = version.lineage.datasetSha256 === null ? null : `sha256:${version.lineage.datasetSha256}`;
    return {
      asOf: now.toISOString(),
      modelName: model.name,
      versionName: version.name,
      rows: await evaluationRows(db, version.id),
      unnamedInputs: modelSignature
        .parse(version.signature)
        .inputs.filter(({ name }) => !contract.fields.some(({ input: tensor, column }) => tensor === name && column !== null))
        .flatMap((tensor) => {
          const values = valuesPerRow(tensor);
          return values === null || values < 2 ? [] : [{ name: tensor.name, values }];
        }),
      training: training === null ? null : { digest: training, isAtHand: (await db.batch.findInput(training)) !== null },
      mostRows: MOST_EVALUATED_ROWS,
      mayEvaluate: mayEvaluate(actor, version),
    };
  },
});

/** One evaluation: how far it is, or its figures. */
export const readEvaluation = query({
  name: "read-evaluation",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ number: z.number().int().positive() }),
  async run({ db, actor, input: { number }, now, authorise }): Promise<EvaluationView> {
    const located = await locateEvaluation(db, { number });
    authorise(located);
    const { evaluation, version } = located;
    const data = await db.batch.findInput(evaluation.dataDigest);
    if (data === null) throw notFound();
    const name = `${version.modelName} ${version.name}`;
    return {
      asOf: now.toISOString(),
      modelName: version.modelName,
      versionName: version.name,
      versionDigest: version.digest,
      row: rowOf(evaluation, data.rows),
      say: sayEvaluation(name, evaluation, data.rows),
      settings: evaluation.settings,
      data: { name: data.name, digest: data.digest, format: data.format, sizeBytes: data.sizeBytes, rows: data.rows },
      startedAt: evaluation.startedAt?.toISOString() ?? null,
      problem: evaluation.problem,
      faults: [...evaluation.faults],
      report: evaluation.report,
      mayCancel: evaluation.state === "open" ? actFor(actor, "version:evaluate", EVALUATORS) : closed("It has ended."),
    };
  },
});
