import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { createEvaluation, getEvaluation, uploadEvaluationData } from "#lib/contracts/api/evaluation-operations.ts";
import type { EvaluationView } from "#lib/contracts/views/evaluation-view.ts";
import { askFor, connectionFrom, type Connection } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

const LOOK_MS = 1000;

type Options = {
  readonly model: string;
  readonly version: string;
  readonly label: string;
  readonly slice?: string[];
  readonly limit?: string[];
  readonly gap?: string;
  readonly sliceMetric?: string;
  readonly task?: string;
  readonly dataset?: string;
  readonly training?: string;
  readonly columns?: string[];
  readonly wait?: boolean;
};

async function upload(connection: Connection, file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) throw new CliProblem(`There is no file ${file}.`, EXIT.usage);
  const path = `/api/v1/evaluations/data?name=${encodeURIComponent(basename(file))}`;
  const rows = await askFor(connection, path, uploadEvaluationData.response, { method: "POST", bytes: await openAsBlob(file) });
  tell(`${rows.name}: ${rows.rows} rows, ${rows.digest}`);
  return rows.digest;
}

/** `accuracy>=0.95` or `logLoss<=0.2`. */
function limitsOf(given: readonly string[] | undefined): Record<string, { min?: number; max?: number }> {
  const limits: Record<string, { min?: number; max?: number }> = {};
  for (const text of given ?? []) {
    const match = /^([^<>=]+)(>=|<=)(-?\d+(?:\.\d+)?(?:e-?\d+)?)$/i.exec(text.trim());
    const [, name, sign, value] = match ?? [];
    if (name === undefined || value === undefined) throw new CliProblem(`--limit ${text} is not NAME>=VALUE or NAME<=VALUE.`, EXIT.usage);
    limits[name.trim()] = { ...limits[name.trim()], [sign === ">=" ? "min" : "max"]: Number(value) };
  }
  return limits;
}

function mappingOf(given: readonly string[] | undefined): Record<string, { from: string; to: string }> {
  return Object.fromEntries(
    (given ?? []).map((text) => {
      const match = /^([^=]+)=([^:]+):(.+)$/.exec(text);
      if (match === null) throw new CliProblem(`--columns ${text} is not INPUT=FIRST:LAST.`, EXIT.usage);
      return [match[1] ?? "", { from: match[2] ?? "", to: match[3] ?? "" }];
    }),
  );
}

async function watch(connection: Connection, number: number): Promise<EvaluationView> {
  for (;;) {
    const view = await askFor(connection, `/api/v1/evaluations/${number}`, getEvaluation.response);
    if (view.row.finishedAt !== null) return view;
    tell(`${view.row.state}  ${view.row.rowsDone} of ${view.row.rowsTotal} rows`);
    await delay(LOOK_MS);
  }
}

const text = (value: number | null): string => (value === null ? "" : String(Number(value.toPrecision(4))));

async function evaluate(file: string, options: Options, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const json = {
    data: await upload(connection, file),
    ...(options.training === undefined ? {} : { training: await upload(connection, options.training) }),
    labelColumn: options.label,
    sliceColumns: options.slice ?? [],
    thresholds: limitsOf(options.limit),
    mapping: mappingOf(options.columns),
    ...(options.gap === undefined ? {} : { gapLimit: Number(options.gap) }),
    ...(options.sliceMetric === undefined ? {} : { sliceMetric: options.sliceMetric }),
    ...(options.task === undefined ? {} : { task: options.task }),
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
  };
  const path = `/api/v1/models/${encodeURIComponent(options.model)}/versions/${encodeURIComponent(options.version)}/evaluations`;
  const made = await askFor(connection, path, createEvaluation.response, { method: "POST", json });
  if (options.wait === false) {
    print(command, made, [`evaluation ${made.number}, ${made.rows} rows`]);
    return;
  }
  const view = await watch(connection, made.number);
  const table = (view.report?.measures ?? []).map(({ name, value, low, high, n }) => [name, text(value), text(low), text(high), String(n)]);
  print(command, view, [...columns([["figure", "value", "low", "high", "of"], ...table]), view.say, ...(view.problem === null ? [] : [view.problem])]);
  if (view.row.passed !== true) throw new CliProblem(view.row.passed === false ? `Evaluation ${made.number} did not keep what was agreed.` : `Evaluation ${made.number} is ${view.row.state}.`);
}

/** evaluate: run a version over held-out rows. */
export function addEvaluateCommands(program: Command): void {
  program
    .command("evaluate")
    .description("run a version over held-out rows and measure it; exits with an error when a limit is not kept")
    .argument("<rows>", "a file with the true values (.csv, .jsonl or .parquet)")
    .requiredOption("--model <name>")
    .requiredOption("--version <name>")
    .requiredOption("--label <column>", "column with the true class or number")
    .option("--slice <columns...>", "columns to take the figures by as well")
    .option("--slice-metric <name>", "figure by slice; accuracy or meanAbsoluteError when left out")
    .option("--gap <number>", "how far the worst slice may be from the best")
    .option("--limit <limits...>", "agreed on before the run: 'accuracy>=0.95' 'logLoss<=0.2'")
    .option("--training <file>", "rows it was trained on, to look for rows in both")
    .option("--task <task>", "classification or regression; found from the outputs when left out")
    .option("--dataset <name>", "what the rows are called in the record; the file's name when left out")
    .option("--columns <ranges...>", "INPUT=FIRST:LAST for inputs without named fields")
    .option("--no-wait", "do not wait for the end")
    .action(evaluate);
}
