import { createWriteStream, openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import {
  createBatchChange,
  createBatchJob,
  createBatchSchedule,
  getBatchChange,
  getBatchJob,
  listBatchJobs,
  makeOutputCurrent,
  pauseBatchJob,
  revertBatchChange,
  uploadBatchInput,
} from "#lib/contracts/api/batch-operations.ts";
import type { BatchJobView } from "#lib/contracts/views/batch-view.ts";
import { ask, askFor, connectionFrom, type Connection } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

const LOOK_MS = 1000;

type Source = { readonly kind: "upload"; readonly digest: string } | { readonly kind: "file"; readonly path: string } | { readonly kind: "s3"; readonly bucket: string; readonly key: string };

/** `s3://bucket/key`, `host:path` for a file of the control plane's own host, else a file here, which is uploaded. */
async function sourceOf(connection: Connection, text: string): Promise<Source> {
  const s3 = /^s3:\/\/([^/]+)\/(.+)$/.exec(text);
  if (s3 !== null) return { kind: "s3", bucket: s3[1] ?? "", key: s3[2] ?? "" };
  if (text.startsWith("host:")) return { kind: "file", path: text.slice("host:".length) };
  const found = await stat(text).catch(() => null);
  if (found === null || !found.isFile()) throw new CliProblem(`There is no file ${text}.`, EXIT.usage);
  const path = `/api/v1/batch/inputs?name=${encodeURIComponent(basename(text))}`;
  const input = await askFor(connection, path, uploadBatchInput.response, { method: "POST", bytes: await openAsBlob(text) });
  tell(`${input.name}: ${input.rows} rows, ${input.digest}`);
  return { kind: "upload", digest: input.digest };
}

/** `image=pixel_0_0:pixel_7_7` */
function mappingOf(given: readonly string[] | undefined): Record<string, { from: string; to: string }> {
  return Object.fromEntries(
    (given ?? []).map((text) => {
      const match = /^([^=]+)=([^:]+):(.+)$/.exec(text);
      if (match === null) throw new CliProblem(`--columns ${text} is not INPUT=FIRST:LAST.`, EXIT.usage);
      return [match[1] ?? "", { from: match[2] ?? "", to: match[3] ?? "" }];
    }),
  );
}

const numberOf = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CliProblem(`${text} is not a number of a job or a change.`, EXIT.usage);
  return Number(text);
};

/** Waits for the end, telling progress; exits with an error when the job did not succeed. */
async function watch(connection: Connection, number: number): Promise<BatchJobView> {
  for (;;) {
    const view = await askFor(connection, `/api/v1/batch/jobs/${number}`, getBatchJob.response);
    const { state, rowsDone, rowsTotal, rowsPerSecond } = view.job;
    tell(`${state}  ${rowsDone} of ${rowsTotal} rows${rowsPerSecond === null ? "" : `, ${Math.round(rowsPerSecond)} rows/s`}`);
    if (view.job.finishedAt !== null) return view;
    await delay(LOOK_MS);
  }
}

type RunOptions = {
  readonly endpoint: string;
  readonly name?: string;
  readonly format?: string;
  readonly id?: string;
  readonly limit?: string;
  readonly columns?: string[];
  readonly wait?: boolean;
  readonly cron?: string;
  readonly timeZone?: string;
};

async function run(file: string, options: RunOptions, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const body = {
    endpoint: options.endpoint,
    source: await sourceOf(connection, file),
    mapping: mappingOf(options.columns),
    ...(options.id === undefined ? {} : { idColumn: options.id }),
    ...(options.name === undefined ? {} : { outputName: options.name }),
    ...(options.format === undefined ? {} : { outputFormat: options.format }),
    ...(options.limit === undefined ? {} : { failureLimitBp: Math.round(Number(options.limit) * 100) }),
  };
  if (options.cron !== undefined) {
    const json = { ...body, cron: options.cron, timeZone: options.timeZone ?? "UTC" };
    const made = await askFor(connection, "/api/v1/batch/schedules", createBatchSchedule.response, { method: "POST", json });
    print(command, made, [`schedule ${made.id}, next ${made.nextAt ?? "never"}`]);
    return;
  }
  const made = await askFor(connection, "/api/v1/batch/jobs", createBatchJob.response, { method: "POST", json: body });
  if (options.wait !== true) {
    print(command, made, [`job ${made.number}, ${made.rows} rows in ${made.partitions} parts`]);
    return;
  }
  const { job } = await watch(connection, made.number);
  print(command, job, [`job ${job.number}  ${job.state}  ${job.outputVersion === null ? "no output" : `${job.outputName} v${job.outputVersion}`}`]);
  if (job.state !== "succeeded") throw new CliProblem(`Job ${job.number} is ${job.state}.`);
}

/** The output (or the side file) into a file. */
async function download(path: string, file: string): Promise<void> {
  const response = await ask(connectionFrom(process.env), path);
  if (response.body === null) throw new CliProblem("The answer has no body.");
  await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
  tell(`Written to ${file}.`);
}

function addActs(batch: Command): void {
  for (const verb of ["pause", "resume", "cancel"] as const) {
    batch
      .command(verb)
      .description({ pause: "stop handing out parts", resume: "go on where it was paused", cancel: "end it for good; earlier outputs stay" }[verb])
      .argument("<job>", "number of the job")
      .option("--reason <text>", "kept in the audit trail")
      .action(async (job: string, options: { reason?: string }, command: Command) => {
        const json = { reason: options.reason ?? null };
        const done = await askFor(connectionFrom(process.env), `/api/v1/batch/jobs/${numberOf(job)}/${verb}`, pauseBatchJob.response, { method: "POST", json });
        print(command, done, [`job ${done.number}  ${done.state}`]);
      });
  }
  batch
    .command("make-current")
    .description("make an output of a job the one that readers get")
    .argument("<job>", "number of the job that made it")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (job: string, options: { reason: string }, command: Command) => {
      const connection = connectionFrom(process.env);
      const { output } = await askFor(connection, `/api/v1/batch/jobs/${numberOf(job)}`, getBatchJob.response);
      if (output === null) throw new CliProblem(`Job ${job} has no output.`, EXIT.notFound);
      const done = await askFor(connection, `/api/v1/batch/outputs/${output.id}/make-current`, makeOutputCurrent.response, { method: "POST", json: options });
      print(command, done, [`${done.name} v${done.version} is current`]);
    });
}

function addChanges(batch: Command): void {
  batch
    .command("propose")
    .description("compare another version with the live one on a slice of the rows, for approval")
    .argument("<rows>", "a file, host:PATH or s3://BUCKET/KEY")
    .requiredOption("--endpoint <name>", "a batch endpoint")
    .requiredOption("--version <name>", "the version to compare with")
    .option("--rows <count>", "rows to compare", "2000")
    .option("--columns <ranges...>", "INPUT=FIRST:LAST for inputs without named fields")
    .action(async (rows: string, options: { endpoint: string; version: string; rows: string; columns?: string[] }, command: Command) => {
      const connection = connectionFrom(process.env);
      const json = {
        endpoint: options.endpoint,
        version: options.version,
        source: await sourceOf(connection, rows),
        mapping: mappingOf(options.columns),
        sliceRows: Number(options.rows),
      };
      const made = await askFor(connection, "/api/v1/batch/changes", createBatchChange.response, { method: "POST", json });
      print(command, made, [`change ${made.number}, compared by job ${made.jobNumber}`]);
    });
  batch
    .command("change")
    .description("what a proposed version would change")
    .argument("<number>")
    .action(async (number: string, _options: unknown, command: Command) => {
      const view = await askFor(connectionFrom(process.env), `/api/v1/batch/changes/${numberOf(number)}`, getBatchChange.response);
      print(command, view, [`${view.change.state}  ${view.say}`, ...(view.digest === null ? [] : [`digest ${view.digest}`])]);
    });
  batch
    .command("revert")
    .description("go back to the version before a change, for the next job")
    .argument("<number>")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (number: string, options: { reason: string }, command: Command) => {
      const path = `/api/v1/batch/changes/${numberOf(number)}/revert`;
      const done = await askFor(connectionFrom(process.env), path, revertBatchChange.response, { method: "POST", json: options });
      print(command, done, [`change ${done.number}  ${done.state}`]);
    });
}

/** batch run, list, show, watch, output, errors, pause, resume, cancel, make-current, propose, change, revert. */
export function addBatchCommands(program: Command): void {
  const batch = program.command("batch").description("answer whole files of rows");
  batch
    .command("run")
    .description("answer every row of a file by an endpoint's live version")
    .argument("<rows>", "a file (.csv, .jsonl, .parquet), host:PATH or s3://BUCKET/KEY")
    .requiredOption("--endpoint <name>", "whose live version answers")
    .option("--name <name>", "name of the output; outputs of one name are versions of each other")
    .option("--format <format>", "csv, jsonl or parquet")
    .option("--id <column>", "column to copy beside the row number")
    .option("--limit <percent>", "rows that may stay without answer")
    .option("--columns <ranges...>", "INPUT=FIRST:LAST for inputs without named fields")
    .option("--cron <schedule>", "start by the clock instead: minute hour day month weekday")
    .option("--time-zone <zone>", "with --cron; UTC when left out")
    .option("--wait", "until it has ended")
    .action(run);
  batch
    .command("list")
    .description("jobs, newest first")
    .option("--endpoint <name>")
    .action(async (options: { endpoint?: string }, command: Command) => {
      const query = options.endpoint === undefined ? "" : `?endpoint=${encodeURIComponent(options.endpoint)}`;
      const { data } = await askFor(connectionFrom(process.env), `/api/v1/batch/jobs${query}`, listBatchJobs.response);
      const rows = data.map((job) => [
        String(job.number),
        job.state,
        job.endpointName,
        job.versionName,
        `${job.rowsDone}/${job.rowsTotal}`,
        job.outputVersion === null ? "" : `${job.outputName} v${job.outputVersion}${job.isCurrent ? " current" : ""}`,
      ]);
      print(command, data, columns([["job", "state", "endpoint", "version", "rows", "output"], ...rows]));
    });
  batch
    .command("show")
    .description("one job with its counts")
    .argument("<job>")
    .action(async (job: string, _options: unknown, command: Command) => {
      const view = await askFor(connectionFrom(process.env), `/api/v1/batch/jobs/${numberOf(job)}`, getBatchJob.response);
      print(command, view, [`${view.job.state}  ${view.say}`, ...Object.entries(view.report.predictions).map(([name, count]) => `  ${name}  ${count}`)]);
    });
  batch
    .command("watch")
    .description("progress until it has ended")
    .argument("<job>")
    .action(async (job: string, _options: unknown, command: Command) => {
      const view = await watch(connectionFrom(process.env), numberOf(job));
      print(command, view.job, [`job ${view.job.number}  ${view.job.state}`]);
    });
  for (const part of ["output", "errors"] as const) {
    batch
      .command(part)
      .description(part === "output" ? "download the output of a job" : "download the rows without answer, and why")
      .argument("<job>")
      .requiredOption("--file <path>", "where to write it")
      .action((job: string, options: { file: string }) => download(`/api/v1/batch/jobs/${numberOf(job)}/${part}`, options.file));
  }
  addActs(batch);
  addChanges(batch);
}
