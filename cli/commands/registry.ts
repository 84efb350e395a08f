import { openAsBlob } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { listEndpoints, listModels, registerVersion, createModel, liftQuarantine, tryVersion } from "#lib/contracts/api/registry-operations.ts";
import { askFor, ask, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { modelPart } from "../model-part.ts";
import { columns, print, tell } from "../output.ts";

type RegisterOptions = {
  readonly model: string;
  readonly version: string;
  readonly sample?: string;
  readonly external?: readonly string[];
  readonly lock?: readonly string[];
  readonly contract?: string;
  readonly golden?: string;
  readonly evaluation?: string;
  readonly card?: string;
  readonly parent?: string;
  readonly notes?: string;
  readonly commit?: string;
  readonly run?: string;
  readonly labelOutput?: string;
  readonly create?: boolean;
  readonly intendedUse?: string;
  readonly riskTier?: string;
};

/** A file as a part of the request: read from disk as it is sent, never whole into memory. */
async function filePart(path: string): Promise<Blob> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) throw new CliProblem(`There is no file ${path}.`, EXIT.usage);
  return openAsBlob(path);
}

async function registrationForm(file: string, options: RegisterOptions): Promise<FormData> {
  const form = new FormData();
  form.set("version", options.version);
  for (const name of ["notes", "parent", "labelOutput"] as const) {
    const value = options[name];
    if (value !== undefined) form.set(name, value);
  }
  for (const name of ["contract", "golden", "evaluation", "card"] as const) {
    const path = options[name];
    if (path === undefined) continue;
    await filePart(path);
    form.set(name, await readFile(path, "utf8"));
  }
  if (options.commit !== undefined || options.run !== undefined) {
    form.set("lineage", JSON.stringify({ commit: options.commit ?? null, run: options.run ?? null, dataset: null, datasetSha256: null }));
  }
  if (options.sample !== undefined) form.set("sample", await filePart(options.sample), basename(options.sample));
  for (const path of options.external ?? []) form.append("external", await filePart(path), basename(path));
  for (const path of options.lock ?? []) form.append("lock", await filePart(path), basename(path));
  const model = await modelPart(file);
  form.set("model", model.blob, model.name);
  return form;
}

async function register(file: string, options: RegisterOptions, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const form = await registrationForm(file, options);
  if (options.create === true) {
    if (options.intendedUse === undefined || options.riskTier === undefined) {
      throw new CliProblem("--create needs --intended-use and --risk-tier low, medium or high.", EXIT.usage);
    }
    await askFor(connection, "/api/v1/models", createModel.response, {
      method: "POST",
      json: { name: options.model, intendedUse: options.intendedUse, riskTier: options.riskTier },
    });
    tell(`Created model ${options.model}.`);
  }
  const created = await askFor(connection, `/api/v1/models/${encodeURIComponent(options.model)}/versions`, registerVersion.response, {
    method: "POST",
    form,
  });
  print(command, created, [`${created.model} ${created.version}  ${created.digest}`]);
  const page = `${connection.url}/models/${created.model}/versions/${created.version}`;
  if (created.jobId === null) {
    tell(`Registered. The bundled runtime does not serve this format; the page says what could: ${page}`);
    return;
  }
  tell(`Registered. A runtime now loads it in isolation and measures it: ${page}`);
  tell(`Next: slipway release create --endpoint ENDPOINT --version ${created.version}`);
}

/** models, endpoints, register, try. */
export function addRegistryCommands(program: Command): void {
  program
    .command("register")
    .description("register a version of a model: ONNX, PMML, TensorFlow SavedModel or pickle, told by content")
    .argument("<file>", "the model file, or the directory of a SavedModel")
    .requiredOption("--model <name>", "the model it is a version of")
    .requiredOption("--version <name>", "name of the version, such as 3.2.0")
    .option("--sample <csv>", "rows to infer the input contract from")
    .option("--external <files...>", "files the model reads its weights from")
    .option("--lock <files...>", "files of dependencies: requirements.txt, conda.yaml, poetry.lock, uv.lock, pylock.toml, Pipfile.lock, package-lock.json")
    .option("--contract <json>", "the input contract, instead of the inferred one")
    .option("--golden <json>", "requests with the answers expected")
    .option("--evaluation <json>", "what was measured on held-out rows")
    .option("--card <markdown>", "the model card")
    .option("--parent <version>", "the version it was made from")
    .option("--notes <text>", "what is new")
    .option("--commit <id>", "commit of the training code")
    .option("--run <id>", "training run")
    .option("--label-output <name>", "the output that names the class")
    .option("--create", "create the model first")
    .option("--intended-use <text>", "with --create: what decisions it supports")
    .option("--risk-tier <tier>", "with --create: low, medium or high")
    .action(register);

  program
    .command("models")
    .description("list models and their versions")
    .action(async (_options: unknown, command: Command) => {
      const { data } = await askFor(connectionFrom(process.env), "/api/v1/models", listModels.response);
      const rows = data.flatMap(({ name, versions }) =>
        versions.length === 0 ? [[name, "", "", ""]] : versions.map((version) => [name, version.name, version.state, version.digest.slice(0, 19)]),
      );
      print(command, data, columns([["model", "version", "state", "digest"], ...rows]));
    });

  program
    .command("endpoints")
    .description("list endpoints and what they serve")
    .action(async (_options: unknown, command: Command) => {
      const { data } = await askFor(connectionFrom(process.env), "/api/v1/endpoints", listEndpoints.response);
      const rows = data.map(({ name, environment, model, arms }) => [
        name,
        environment,
        model,
        arms.map(({ version, arm, weightBp }) => `${version} ${arm} ${weightBp / 100} %`).join(", "),
      ]);
      print(command, data, columns([["endpoint", "environment", "model", "serves"], ...rows]));
    });

  program
    .command("lift-quarantine")
    .description("have a version that ended its process again and again tried once more")
    .argument("<model>")
    .argument("<version>")
    .requiredOption("--reason <text>", "why it may hold now; kept in the trail")
    .action(async (model: string, version: string, options: { reason: string }, command: Command) => {
      const path = `/api/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/lift-quarantine`;
      const done = await askFor(connectionFrom(process.env), path, liftQuarantine.response, { method: "POST", json: { reason: options.reason } });
      print(command, done, [`${model} ${version} is tried again${done.runtimes.length === 0 ? "" : ` on ${done.runtimes.join(", ")}`}.`]);
    });

  program
    .command("try")
    .description("run one request on a version, in isolation; never counted as traffic")
    .argument("<model>")
    .argument("<version>")
    .requiredOption("--request <json>", "file with an Open Inference Protocol v2 request")
    .action(async (model: string, version: string, options: { request: string }, command: Command) => {
      const request: unknown = JSON.parse(await readFile(options.request, "utf8"));
      const path = `/api/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/try`;
      const job = tryVersion.response.parse(await (await ask(connectionFrom(process.env), path, { method: "POST", json: { request } })).json());
      if (job.state === "failed") throw new CliProblem(job.problem ?? "The model did not answer.");
      if (job.state === "waiting") throw new CliProblem(`No runtime was free in time. Job ${job.jobId} goes on.`, EXIT.timedOut);
      print(command, job, [JSON.stringify(job.outputs[0], null, 2)]);
    });
}
