import { z } from "zod";
import { createBatchChangeBody, createBatchJobBody, type ColumnMapping } from "#lib/contracts/batch.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { columnProblems } from "#lib/domain/batch/row-columns.ts";
import { planPartitions, planSlice } from "#lib/domain/batch/partition-plan.ts";
import { inputContract } from "#lib/contracts/artifact.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { loadGrounds } from "../governance/load-grounds.ts";
import { newId } from "../new-id.ts";
import { openRequirements } from "../releases/open-requirements.ts";
import { jobTarget } from "./locate-job.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

const MAX_PARTITIONS = 20_000;

/** Refuses an input whose columns do not fill the version's tensors, before anything is begun. Throws `invalid_input`. */
function requireColumns(version: VersionRecord, input: BatchInputRecord, mapping: ColumnMapping, idColumn: string | null): void {
  const signature = modelSignature.parse(version.signature);
  const problems = columnProblems(signature, inputContract.parse(version.contract), input.columns, mapping);
  if (idColumn !== null && !input.columns.includes(idColumn)) problems.push(`There is no column ${idColumn} to copy.`);
  if (problems.length === 0) return;
  throw new AppError("invalid_input", `${input.name} does not fit ${version.name}: ${problems.slice(0, 3).join(" ")}`, {
    hint: "The columns are found by the field names of the input contract; a tensor without named fields can be given a range of columns.",
    errors: problems.slice(0, 20).map((message) => ({ pointer: "/mapping", message })),
  });
}

const noInput = (): AppError =>
  new AppError("invalid_input", "The store has no such file of rows.", {
    hint: "Upload it to /api/v1/batch/inputs first. Uploads that no job uses are kept for a day.",
    errors: [{ pointer: "/source/digest", message: "No such file." }],
  });

const asUpload = z.object({ kind: z.literal("upload"), digest: z.string() });
const fields = { scheduleId: z.uuid().nullable().default(null) };

/** Begins a job over an input that is in the store: every row is answered by the endpoint's live version of this moment. */
export const createBatchJob = command({
  name: "create-batch-job",
  permission: "batch:run",
  input: createBatchJobBody.extend({ source: asUpload, ...fields }),
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    if (endpoint.stableVersionId === null)
      throw new AppError("conflict", `${endpoint.name} has no live version yet.`, { hint: "Put a version on the endpoint first." });
    const version = await tx.models.getVersionById(endpoint.stableVersionId);
    const rows = await tx.batch.findInput(input.source.digest);
    if (!rows) throw noInput();
    requireColumns(version, rows, input.mapping, input.idColumn);
    const partitions = planPartitions(rows, Math.max(input.partitionRows, Math.ceil(rows.rows / MAX_PARTITIONS)));
    const id = newId();
    const number = await tx.batch.insertJob(
      {
        id,
        endpointId: endpoint.id,
        versionId: version.id,
        compareVersionId: null,
        inputDigest: rows.digest,
        mapping: input.mapping,
        idColumn: input.idColumn,
        outputName: input.outputName,
        outputFormat: input.outputFormat,
        failureLimitBp: input.failureLimitBp,
        scheduleId: input.scheduleId,
        createdById: actor.userId,
        createdBy: actor.name,
      },
      partitions,
      now,
    );
    return {
      result: { id, number, rows: rows.rows, partitions: partitions.length },
      notify: ["desired-state"],
      audit: {
        action: "batch.job_created",
        targets: [
          jobTarget({ id, number }),
          ...targets,
          { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
        ],
        after: { input: rows.digest, rows: rows.rows, outputName: input.outputName, scheduleId: input.scheduleId },
      },
    };
  },
});

/** Proposes another version for a batch endpoint: both versions answer a slice of the rows, and what differs is what is decided on. */
export const createBatchChange = command({
  name: "create-batch-change",
  permission: "release:create",
  input: createBatchChangeBody.extend({ source: asUpload }),
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A change needs a person as its author.");
    if (endpoint.pattern !== "batch")
      throw new AppError("conflict", `${endpoint.name} answers requests; its version changes by a release.`, { hint: "Create a release instead." });
    if (endpoint.stableVersionId === null) throw new AppError("conflict", `${endpoint.name} has no live version yet.`);
    if (await tx.batchChanges.findOpenChange(endpoint.id))
      throw new AppError("conflict", `${endpoint.name} has a change that is not decided yet.`, { hint: "Decide or withdraw it first." });
    const current = await tx.models.getVersionById(endpoint.stableVersionId);
    const next = await tx.models.findVersion(endpoint.modelId, input.version);
    if (!next) throw notFound();
    if (next.id === current.id) throw new AppError("invalid_input", `${next.name} is the live version already.`, { errors: [{ pointer: "/version", message: "Live already." }] });
    const open = openRequirements(
      next,
      endpoint.environment.policy,
      await loadGrounds(tx, { model: await tx.models.getModel(endpoint.modelName), version: next, endpointIds: [endpoint.id], environmentId: endpoint.environment.id, release: null }, now),
      "submit",
      "batch",
    );
    if (open.length > 0)
      throw new AppError("requirements_open", `${endpoint.environment.name} asks for more before ${next.name} may be live: ${open.join(" ")}`, {
        hint: "Send the missing evidence, or ask for a waiver.",
        errors: open.map((message) => ({ pointer: "/version", message })),
      });
    const rows = await tx.batch.findInput(input.source.digest);
    if (!rows) throw noInput();
    for (const version of [current, next]) requireColumns(version, rows, input.mapping, null);
    const jobId = newId();
    const number = await tx.batch.insertJob(
      {
        id: jobId,
        endpointId: endpoint.id,
        versionId: current.id,
        compareVersionId: next.id,
        inputDigest: rows.digest,
        mapping: input.mapping,
        idColumn: null,
        outputName: "comparison",
        outputFormat: "jsonl",
        failureLimitBp: 10_000,
        scheduleId: null,
        createdById: actor.userId,
        createdBy: actor.name,
      },
      planSlice(rows, input.sliceRows),
      now,
    );
    const id = newId();
    const changeNumber = await tx.batchChanges.insertChange({
      id,
      endpointId: endpoint.id,
      fromVersionId: current.id,
      toVersionId: next.id,
      jobId,
      authorId: actor.userId,
      authorName: actor.name,
    });
    return {
      result: { id, number: changeNumber, jobNumber: number },
      notify: ["desired-state"],
      audit: {
        action: "batch.change_proposed",
        targets: [
          { type: "batch_change", id, name: `Batch change ${changeNumber}`, digest: null },
          jobTarget({ id: jobId, number }),
          ...targets,
          { type: "version", id: next.id, name: `${next.modelName} ${next.name}`, digest: next.digest },
        ],
        before: { version: current.name },
        after: { version: next.name, sliceRows: input.sliceRows },
      },
    };
  },
});
