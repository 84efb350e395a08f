import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { changeEnvironmentPolicy, createEndpoint, createEnvironment, createModel, listEndpoints, listEnvironments, listModels } from "#lib/contracts/api/registry-operations.ts";
import { createRelease } from "#lib/contracts/api/release-operations.ts";
import { parseDesired } from "../apply/desired.ts";
import { type Change, type Present, changeLines, planChanges } from "../apply/plan-changes.ts";
import { type Connection, askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { print, tell } from "../output.ts";
import { confirmed, isInteractive } from "../terminal.ts";

type Options = { readonly file: string; readonly plan?: boolean; readonly yes?: boolean; readonly reason: string };

async function presentOf(connection: Connection): Promise<Present> {
  const [models, environments, endpoints] = await Promise.all([
    askFor(connection, "/api/v1/models", listModels.response),
    askFor(connection, "/api/v1/environments", listEnvironments.response),
    askFor(connection, "/api/v1/endpoints", listEndpoints.response),
  ]);
  return {
    models: models.data,
    environments: environments.data,
    endpoints: endpoints.data.map(({ name, environment, model, arms }) => ({ name, environment, model, stableVersion: arms.find(({ arm }) => arm === "stable")?.version ?? null })),
  };
}

/** Does one change. Answers a sentence about what came of it. */
async function carryOut(connection: Connection, change: Change, reason: string): Promise<string> {
  switch (change.kind) {
    case "create-model":
      await askFor(connection, "/api/v1/models", createModel.response, { method: "POST", json: change.body });
      return `model ${change.name} created`;
    case "create-environment":
      await askFor(connection, "/api/v1/environments", createEnvironment.response, { method: "POST", json: { name: change.name, policy: change.policy } });
      return `environment ${change.name} created`;
    case "change-policy":
      await askFor(connection, `/api/v1/environments/${change.name}`, changeEnvironmentPolicy.response, { method: "PUT", json: { policy: change.policy, reason } });
      return `policy of ${change.name} changed`;
    case "create-endpoint":
      await askFor(connection, "/api/v1/endpoints", createEndpoint.response, { method: "POST", json: change.body });
      return `endpoint ${change.name} created`;
    case "release": {
      const made = await askFor(connection, "/api/v1/releases", createRelease.response, { method: "POST", json: { endpoint: change.name, version: change.version, reason } });
      return `release ${made.number} of ${change.name} opened`;
    }
    case "fixed":
      return change.say;
  }
}

async function apply(options: Options, command: Command): Promise<void> {
  const text = await readFile(options.file, "utf8").catch(() => null);
  if (text === null) throw new CliProblem(`There is no file ${options.file}.`, EXIT.usage);
  const connection = connectionFrom(process.env);
  const changes = planChanges(parseDesired(text), await presentOf(connection));
  const doable = changes.filter(({ kind }) => kind !== "fixed");
  if (changes.length === 0 || options.plan === true) {
    print(command, { changes }, changes.length === 0 ? ["Nothing to do."] : changes.flatMap(changeLines));
    return;
  }
  for (const line of changes.flatMap(changeLines)) tell(line);
  if (doable.length < changes.length) throw new CliProblem("What is marked ! cannot be done here. Nothing was changed.", EXIT.refused);
  if (options.yes !== true && !(await confirmed(`Make ${doable.length === 1 ? "this change" : `these ${doable.length} changes`}?`))) {
    throw new CliProblem(isInteractive() ? "Nothing was changed." : "Nothing was changed: say --yes where nobody can be asked.", EXIT.usage);
  }
  const done: string[] = [];
  for (const change of doable) done.push(await carryOut(connection, change, options.reason));
  print(command, { changes, done }, done);
}

/** apply: models, environments, policies and endpoints as code. */
export function addApplyCommands(program: Command): void {
  program
    .command("apply")
    .description("make the server as a slipway.yaml says: models, environments with policies, endpoints")
    .option("--file <path>", "the document", "slipway.yaml")
    .option("--plan", "only say what would be done")
    .option("--yes", "do not ask")
    .option("--reason <text>", "goes into the record of each change", "Applied from slipway.yaml.")
    .addHelpText("after", `
What the document does not name is left alone; nothing is ever deleted. Another version of an endpoint opens a release under its environment's policy.

  models:
    - name: credit-default
      intendedUse: Scores applications for consumer credit.
      riskTier: high
  environments:
    - name: production
      policy: { approvalsRequired: 2 }
  endpoints:
    - { name: credit-default, environment: production, model: credit-default, version: 3.2.0 }

Examples:
  slipway apply --plan
  slipway apply --file deploy/slipway.yaml --yes`)
    .action(apply);
}
