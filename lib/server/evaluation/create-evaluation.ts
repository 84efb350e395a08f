import { inputContract } from "#lib/contracts/artifact.ts";
import { createEvaluationBody, type EvaluationSettings } from "#lib/contracts/evaluation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { columnProblems } from "#lib/domain/batch/row-columns.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { MOST_EVALUATED_BYTES, MOST_EVALUATED_ROWS } from "#lib/domain/evaluation/limits.ts";
import { command } from "../command.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { evaluationTargets } from "./locate-evaluation.ts";

const MOST_OPEN = 10;
const input = createEvaluationBody.extend({ model: slug, version: versionName });
type Input = ReturnType<typeof input.parse>;

const refuse = (pointer: string, message: string, hint: string): AppError => new AppError("invalid_input", message, { hint, errors: [{ pointer, message }] });

function requireServable(version: VersionRecord): void {
  const name = `${version.modelName} ${version.name}`;
  const fit = servingFit(version.format);
  if (!fit.isServed) throw new AppError("conflict", `${name} cannot be evaluated here: ${fit.reason}`, { hint: "Send what was measured elsewhere as evaluation.json with a version, or as evidence." });
  if (version.state === "quarantined") throw new AppError("conflict", `${name} is quarantined: it broke its process before.`);
}

/** Refuses rows that are too many or do not have what the version and the settings name. Throws `invalid_input`. */
function requireRows(version: VersionRecord, rows: BatchInputRecord, wanted: Input): void {
  if (rows.rows > MOST_EVALUATED_ROWS || rows.sizeBytes > MOST_EVALUATED_BYTES)
    throw refuse("/data", `${rows.name} has ${rows.rows} rows in ${Math.round(rows.sizeBytes / 1_048_576)} MiB; at most ${MOST_EVALUATED_ROWS} rows in ${MOST_EVALUATED_BYTES / 1_048_576} MiB are evaluated at once.`, "Send a random sample of the rows.");
  const { columns } = rows;
  if (!columns.includes(wanted.labelColumn)) throw refuse("/labelColumn", `${rows.name} has no column ${wanted.labelColumn}.`, `Its columns are ${columns.slice(0, 40).join(", ")}.`);
  const missing = wanted.sliceColumns.find((name) => !columns.includes(name));
  if (missing !== undefined) throw refuse("/sliceColumns", `${rows.name} has no column ${missing}.`, `Its columns are ${columns.slice(0, 40).join(", ")}.`);
  if (wanted.sliceColumns.includes(wanted.labelColumn)) throw refuse("/sliceColumns", "Slices by the true value itself say nothing of the model.", "Name another column.");
  const problems = columnProblems(modelSignature.parse(version.signature), inputContract.parse(version.contract), columns, wanted.mapping);
  if (problems.length === 0) return;
  throw new AppError("invalid_input", `${rows.name} does not fit ${version.modelName} ${version.name}: ${problems.slice(0, 3).join(" ")}`, {
    hint: "Columns are found by the field names of the input contract; an input without named fields can be given a range of columns.",
    errors: problems.slice(0, 20).map((message) => ({ pointer: "/mapping", message })),
  });
}

const inStore = async (tx: UnitOfWork, digest: string, pointer: string): Promise<BatchInputRecord> => {
  const rows = await tx.batch.findInput(digest);
  if (rows === null) throw refuse(pointer, "The store has no such file of rows.", "Upload it to /api/v1/evaluations/data first. Uploads that nothing uses are kept for a day.");
  return rows;
};

/** The rows it was trained on, where they are at hand: those that were named, else the data set of its lineage. */
async function trainingOf(tx: UnitOfWork, version: VersionRecord, given: string | null): Promise<string | null> {
  const { datasetSha256 } = version.lineage;
  const named = datasetSha256 === null ? null : `sha256:${datasetSha256}`;
  if (given === null) return named !== null && (await tx.batch.findInput(named)) !== null ? named : null;
  const rows = await inStore(tx, given, "/training");
  if (named !== null && named !== given)
    throw refuse("/training", `${rows.name} is not what ${version.name} was trained on: its lineage names ${named}.`, "Send that file, or leave the training rows out.");
  if (rows.rows > MOST_EVALUATED_ROWS * 10) throw refuse("/training", `${rows.name} has ${rows.rows} rows; at most ${MOST_EVALUATED_ROWS * 10} are compared.`, "Leave the training rows out.");
  return given;
}

/** Has a runtime run a version over rows whose true value is known. Limits are agreed on here, before anything is measured. */
export const createEvaluation = command({
  name: "create-evaluation",
  permission: "version:evaluate",
  input,
  async run({ tx, actor, input: { model: modelName, version: name, data, ...wanted }, now }) {
    const model = await tx.models.getModel(modelName);
    const version = await tx.models.findVersion(model.id, name);
    if (version === null) throw notFound();
    requireServable(version);
    const rows = await inStore(tx, data, "/data");
    requireRows(version, rows, { model: modelName, version: name, data, ...wanted });
    if (version.lineage.datasetSha256 !== null && data === `sha256:${version.lineage.datasetSha256}`)
      throw refuse("/data", `${rows.name} is what ${version.name} was trained on, so it says nothing about rows it has not seen.`, "Send rows that were held out.");
    if ((await tx.evaluations.countOpenEvaluations(version.id)) >= MOST_OPEN) throw new AppError("conflict", `${MOST_OPEN} evaluations of ${version.name} are not done yet.`, { hint: "Wait for one, or cancel one." });
    const training = await trainingOf(tx, version, wanted.training);
    const settings: EvaluationSettings = { ...wanted, training, dataset: wanted.dataset ?? rows.name };
    const id = newId();
    const number = await tx.evaluations.insertEvaluation({ id, versionId: version.id, dataDigest: data, settings, createdById: actor.userId, createdBy: actor.name }, now);
    return {
      result: { id, number, rows: rows.rows },
      notify: ["desired-state"],
      audit: {
        action: "evaluation.started",
        targets: evaluationTargets({ id, number, dataDigest: data }, version),
        after: { data, rows: rows.rows, labelColumn: settings.labelColumn, sliceColumns: settings.sliceColumns, thresholds: settings.thresholds, gapLimit: settings.gapLimit, training },
      },
    };
  },
});
