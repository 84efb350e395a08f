import { z } from "zod";
import { inputContract } from "#lib/contracts/artifact.ts";
import { batchReport } from "#lib/contracts/batch.ts";
import { approvalRule } from "#lib/contracts/environment-policy.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import type { BatchChangeView, BatchJobRow, BatchJobView, BatchListView, BatchOutputRow, NewBatchView } from "#lib/contracts/views/batch-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { reportDifference, stabilityIndex } from "#lib/domain/batch/difference.ts";
import { progressOf } from "#lib/domain/batch/progress.ts";
import { addReports, EMPTY_REPORT } from "#lib/domain/batch/report.ts";
import { valuesPerRow } from "#lib/domain/contract/contract-slots.ts";
import { seatsThatCanBeFilled } from "#lib/domain/release/approval-terms.ts";
import type { BatchChangeRecord } from "../db/batch-change-repository.ts";
import type { BatchJobRecord, BatchOutputRecord } from "../db/batch-repository.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { Actor, ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actFor, actIn, BUILDERS, closed } from "../registry/views/open-acts.ts";
import { locateJob } from "./locate-job.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import { sayChange, sayJob } from "./say-batch.ts";

const PAGE = 50;
const OUTPUTS_SHOWN = 100;
const RUNNERS = `${BUILDERS} and administrators`;

/** Endpoints that this viewer may see batch jobs of, by id. */
async function visibleEndpoints(db: ReadModels, actor: Actor, name: string | undefined): Promise<ReadonlyMap<string, EndpointRecord>> {
  const allowed = environmentsAllowed(actor, "batch:read");
  const all = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
  return new Map(all.filter((endpoint) => name === undefined || endpoint.name === name).map((endpoint) => [endpoint.id, endpoint]));
}

async function rowsOf(db: ReadModels, jobs: readonly BatchJobRecord[], now: Date): Promise<BatchJobRow[]> {
  const tallies = await db.batchWork.tallyJobs(jobs.map(({ id }) => id));
  return Promise.all(
    jobs.map(async (job): Promise<BatchJobRow> => {
      const [endpoint, version, compared, output, input] = await Promise.all([
        db.endpoints.getEndpoint({ id: job.endpointId }),
        db.models.getVersionById(job.versionId),
        job.compareVersionId === null ? null : db.models.getVersionById(job.compareVersionId),
        db.batch.outputOfJob(job.id),
        db.batch.findInput(job.inputDigest),
      ]);
      const rowsDone = tallies.get(job.id)?.rowsDone ?? 0;
      const since = job.activeSince === null ? null : { atMs: job.activeSince.getTime(), rowsDone: job.rowsAtActive };
      const { rowsPerSecond, secondsLeft } = progressOf({ rowsTotal: job.rowsTotal, rowsDone, since, nowMs: now.getTime() });
      const current = output === null ? undefined : (await db.batch.currentOutputs(job.endpointId)).get(output.name);
      return {
        id: job.id,
        number: job.number,
        endpointName: endpoint.name,
        environmentName: endpoint.environment.name,
        modelName: endpoint.modelName,
        versionName: version.name,
        compareVersionName: compared?.name ?? null,
        state: job.state,
        inputName: input?.name ?? job.inputDigest,
        rowsTotal: job.rowsTotal,
        rowsDone,
        rowsPerSecond,
        secondsLeft,
        failedRows: job.report?.failed ?? null,
        outputName: job.outputName,
        outputVersion: output?.version ?? null,
        isCurrent: output !== null && current?.outputId === output.id,
        createdAt: job.createdAt.toISOString(),
        createdBy: job.createdBy,
        finishedAt: job.finishedAt?.toISOString() ?? null,
        isScheduled: job.scheduleId !== null,
      };
    }),
  );
}

async function outputRows(db: ReadModels, outputs: readonly BatchOutputRecord[], endpointId: string): Promise<BatchOutputRow[]> {
  const current = await db.batch.currentOutputs(endpointId);
  return Promise.all(
    outputs.map(async (output): Promise<BatchOutputRow> => {
      const before = outputs.find(({ name, version }) => name === output.name && version === output.version - 1);
      const { id, name, version, jobNumber, format, digest, sizeBytes, rows, failedRows } = output;
      return {
        id, name, version, jobNumber, format, digest, sizeBytes, rows, failedRows,
        versionName: (await db.models.getVersionById(output.versionId)).name,
        stabilityIndex: before === undefined ? null : stabilityIndex(before.report.predictions, output.report.predictions),
        isCurrent: current.get(name)?.outputId === id,
        createdAt: output.createdAt.toISOString(),
      };
    }),
  );
}

async function changeRow(db: ReadModels, change: BatchChangeRecord, endpoint: EndpointRecord) {
  const [from, to, job] = await Promise.all([
    db.models.getVersionById(change.fromVersionId),
    db.models.getVersionById(change.toVersionId),
    db.batch.getJob({ id: change.jobId }),
  ]);
  return {
    number: change.number,
    endpointName: endpoint.name,
    environmentName: endpoint.environment.name,
    modelName: endpoint.modelName,
    fromVersionName: from.name,
    toVersionName: to.name,
    state: change.state,
    authorName: change.authorName,
    createdAt: change.createdAt.toISOString(),
    jobNumber: job.number,
  };
}

const listInput = z.strictObject({ endpoint: z.string().optional(), before: z.number().int().positive().optional(), limit: z.number().int().min(1).max(200).default(PAGE) });

/** The page of batch jobs: jobs newest first, schedules, and changes of versions. */
export const readBatchList = query({
  name: "read-batch-list",
  permission: "batch:read",
  of: "many",
  input: listInput,
  async run({ db, actor, input, now }): Promise<BatchListView> {
    const endpoints = await visibleEndpoints(db, actor, input.endpoint);
    const endpointIds = [...endpoints.keys()];
    const found = await db.batch.listJobs({ endpointIds, beforeNumber: input.before ?? null, dual: null }, input.limit + 1);
    const jobs = found.slice(0, input.limit);
    const changes = await db.batchChanges.changesOf(endpointIds, PAGE);
    const schedules = await db.batchSchedules.schedulesOf(endpointIds);
    return {
      asOf: now.toISOString(),
      jobs: await rowsOf(db, jobs, now),
      total: await db.batch.countJobs(endpointIds),
      next: found.length > input.limit ? (jobs.at(-1)?.number ?? null) : null,
      schedules: schedules.map(({ id, endpointId, cron, timeZone, source, outputName, enabled, nextAt, lastAt, lastProblem, createdBy }) => ({
        id, cron, timeZone, source, outputName, enabled, lastProblem, createdBy,
        endpointName: endpoints.get(endpointId)?.name ?? "",
        nextAt: nextAt?.toISOString() ?? null,
        lastAt: lastAt?.toISOString() ?? null,
      })),
      changes: await Promise.all(
        changes.flatMap((change) => {
          const endpoint = endpoints.get(change.endpointId);
          return endpoint === undefined ? [] : [changeRow(db, change, endpoint)];
        }),
      ),
      mayRun: actFor(actor, "batch:run", RUNNERS),
    };
  },
});

/** One job: what it does, how far it is, what was counted, and every output of its name. */
export const readBatchJob = query({
  name: "read-batch-job",
  permission: "batch:read",
  of: "one",
  input: z.strictObject({ number: z.number().int().positive() }),
  async run({ db, actor, input, now, authorise }): Promise<BatchJobView> {
    const located = await locateJob(db, input.number);
    authorise(located);
    const { job, endpoint } = located;
    const [row] = await rowsOf(db, [job], now);
    const file = await db.batch.findInput(job.inputDigest);
    if (row === undefined || file === null) throw new Error(`Job ${job.number} has lost its input.`);
    const tally = (await db.batchWork.tallyJobs([job.id])).get(job.id);
    const outputs = (await db.batch.outputsOf(endpoint.id, OUTPUTS_SHOWN)).filter(({ name }) => name === job.outputName);
    const shown = await outputRows(db, outputs, endpoint.id);
    const report = job.report ?? (await db.batchWork.donePartitions(job.id)).reduce((sum, part) => addReports(sum, part.report), EMPTY_REPORT);
    const change = await db.batchChanges.findChangeOfJob(job.id);
    return {
      asOf: now.toISOString(),
      job: row,
      say: sayJob(row, batchReport.parse(report)),
      problem: job.problem,
      input: { digest: file.digest, format: file.format, sizeBytes: file.sizeBytes, columns: file.columns },
      outputFormat: job.outputFormat,
      idColumn: job.idColumn,
      failureLimitBp: job.failureLimitBp,
      partitions: tally?.partitions ?? 0,
      partitionsDone: tally?.partitionsDone ?? 0,
      runtimes: tally?.runtimes ?? 0,
      report: batchReport.parse(report),
      output: shown.find(({ jobNumber }) => jobNumber === job.number) ?? null,
      hasErrors: outputs.some(({ jobId, errorsDigest }) => jobId === job.id && errorsDigest !== null),
      outputs: job.compareVersionId === null ? shown : [],
      changeNumber: change?.number ?? null,
      mayRun: actIn(actor, "batch:run", endpoint.environment.id, RUNNERS),
    };
  },
});

const outputOfNumber = async (db: ReadModels, number: number): Promise<BatchOutputRecord | null> =>
  db.batch.outputOfJob((await db.batch.getJob({ number })).id);

async function currentOutput(db: ReadModels, endpointId: string, name: string): Promise<BatchOutputRecord | null> {
  const current = (await db.batch.currentOutputs(endpointId)).get(name);
  return current === undefined ? null : db.batch.getOutput(current.outputId);
}

/** Where an output's bytes are, for whoever may read the endpoint's jobs. */
export const findBatchOutput = query({
  name: "find-batch-output",
  permission: "batch:read",
  of: "one",
  input: z.union([z.strictObject({ number: z.number().int().positive() }), z.strictObject({ endpoint: z.string(), name: z.string() })]),
  async run({ db, input, authorise }) {
    const located = "number" in input ? await locateJob(db, input.number) : await locateEndpoint(db, { name: input.endpoint });
    authorise(located);
    const output = "number" in input ? await outputOfNumber(db, input.number) : await currentOutput(db, located.endpoint.id, input.name);
    if (output === null) return null;
    const { name, version, format, digest, errorsDigest } = output;
    return { fileName: `${located.endpoint.name}-${name}-v${version}.${format}`, errorsName: `${located.endpoint.name}-${name}-v${version}-errors.jsonl`, digest, errorsDigest, version };
  },
});

/** One change: what differs, who has approved, what is open to this viewer. */
export const readBatchChange = query({
  name: "read-batch-change",
  permission: "batch:read",
  of: "one",
  input: z.strictObject({ number: z.number().int().positive() }),
  async run({ db, actor, input, now, authorise }): Promise<BatchChangeView> {
    const change = await db.batchChanges.getChange(input);
    const located = await locateEndpoint(db, { id: change.endpointId });
    authorise(located);
    const { endpoint } = located;
    const { policy, id: environmentId } = endpoint.environment;
    const rule = approvalRule(policy, (await db.models.getModel(endpoint.modelName)).riskTier);
    const record = await db.batch.getJob({ id: change.jobId });
    const [job] = await rowsOf(db, [record], now);
    if (job === undefined) throw new Error(`Change ${change.number} has lost its comparison.`);
    const row = await changeRow(db, change, endpoint);
    const tally = record.report?.difference ?? null;
    const difference = tally === null ? null : { ...reportDifference(tally), tally };
    const isOwn = rule.approvals > 0 && actor.personId !== null && actor.personId === (await db.people.personIdOfUser(change.authorId));
    const waits = change.state === "awaiting_approval";
    return {
      asOf: now.toISOString(),
      change: row,
      say: sayChange(row, difference, rule.approvals - seatsThatCanBeFilled(rule, change.approvals)),
      digest: change.digest,
      reason: change.reason,
      approvals: change.approvals.map(({ name, reason, at }) => ({ name, reason, at })),
      approvalsRequired: rule.approvals,
      job,
      difference,
      mayDecide: !waits
        ? closed("It waits for no decision.")
        : isOwn
          ? closed("Whoever proposed the change does not approve it.")
          : actIn(actor, "release:approve", environmentId, "ML leads, validators and compliance"),
      mayWithdraw: waits || change.state === "comparing" ? actIn(actor, "release:cancel", environmentId, BUILDERS) : closed("It is decided."),
      mayRevert:
        change.state === "applied" && endpoint.stableVersionId === change.toVersionId
          ? actIn(actor, "release:rollback", environmentId, RUNNERS)
          : closed(change.state === "applied" ? "A later change has moved the endpoint since." : "It is not in force."),
    };
  },
});

/** What the form for a batch job needs: endpoints with a live version, and what cannot be found by name. */
export const readNewBatch = query({
  name: "read-new-batch",
  permission: "batch:read",
  of: "many",
  input: z.strictObject({ hasDirectory: z.boolean(), buckets: z.array(z.string()) }),
  async run({ db, actor, input, now }): Promise<NewBatchView> {
    const endpoints: NewBatchView["endpoints"] = [];
    for (const endpoint of (await visibleEndpoints(db, actor, undefined)).values()) {
      if (endpoint.stableVersionId === null) continue;
      const version = await db.models.getVersionById(endpoint.stableVersionId);
      const signature = modelSignature.safeParse(version.signature).data;
      const contract = inputContract.safeParse(version.contract).data;
      const unnamed = (signature?.inputs ?? []).filter(({ name }) => contract?.fields.every(({ input: tensor, column }) => tensor !== name || column === null));
      endpoints.push({
        name: endpoint.name,
        environmentName: endpoint.environment.name,
        modelName: endpoint.modelName,
        versionName: version.name,
        pattern: endpoint.pattern,
        versions: (await db.models.listVersions(endpoint.modelId)).filter(({ id, state }) => id !== version.id && state === "ready").map(({ name }) => name),
        unnamedInputs: unnamed.flatMap((tensor) => {
          const values = valuesPerRow(tensor);
          return values === null || values < 2 ? [] : [{ name: tensor.name, values }];
        }),
      });
    }
    return { asOf: now.toISOString(), endpoints, ...input, mayRun: actFor(actor, "batch:run", RUNNERS) };
  },
});
