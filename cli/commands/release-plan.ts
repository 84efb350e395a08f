import { type Command, Option } from "commander";
import { viewNewRelease } from "#lib/contracts/api/view-operations.ts";
import { getRelease, releaseStanding } from "#lib/contracts/api/release-operations.ts";
import { approvalMeanings, rollbackCauses } from "#lib/contracts/release-api.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";
import { formatWeight } from "#lib/domain/release/wording.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

const ADVANCE: Readonly<Record<string, string>> = {
  "no-harm": "goes on when nothing is past its limit",
  safe: "goes on when all is proven safe",
  gate: "waits for a person",
  time: "goes on after its time",
};

async function plan(options: { endpoint: string; version?: string }, command: Command): Promise<void> {
  const query = new URLSearchParams({ endpoint: options.endpoint, ...(options.version === undefined ? {} : { version: options.version }) });
  const view = await askFor(connectionFrom(process.env), `/api/v1/views/releases/new?${query.toString()}`, viewNewRelease.response);
  if (view.chosen === null) throw new CliProblem(`There is no endpoint ${options.endpoint}, or you may not see it.`, EXIT.notFound);
  const { steps, guards, bakeSeconds, approvalsRequired, approverRoles } = view.chosen;
  const rows = steps.map((step, index) => [String(index + 1), formatWeight(step.weightBp), `${step.dwellSeconds} s`, `${step.minUnits} units`, ADVANCE[step.advance] ?? step.advance]);
  print(command, view.chosen, [
    ...columns([["step", "weight", "at least", "at least", ""], ...rows]),
    `then promotion, and ${bakeSeconds} s in which the version before stays loaded`,
    ...guards.map(({ name, text }) => `guard  ${name}: ${text}`),
    approvalsRequired === 0 ? "approvals  none" : `approvals  ${approvalsRequired}, from ${approverRoles.join(" or ")}`,
  ]);
  tell(`Next: slipway release create --endpoint ${options.endpoint} --version VERSION`);
}

async function act(release: string, verb: "start" | "submit" | "approve" | "rollback", body: object, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const { releaseId, rowVersion } = await askFor(connection, `/api/v1/releases/${encodeURIComponent(release)}`, getRelease.response);
  const standing = await askFor(connection, `/api/v1/releases/${releaseId}/${verb}`, releaseStanding, {
    method: "POST",
    json: body,
    // A roll back is never held up by what else changed.
    headers: verb === "rollback" ? {} : { "if-match": `"${rowVersion}"` },
  });
  print(command, standing, [`release ${standing.number}  ${RELEASE_LABELS[standing.state].word}`]);
}

const reason = () => new Option("--reason <text>", "why, in at least 10 characters; it stays in the record").makeOptionMandatory();

/** release plan, submit and start; approve and rollback under their short names. */
export function addReleasePlanCommands(program: Command): void {
  const release = program.commands.find((command) => command.name() === "release");
  if (release === undefined) throw new Error("The release commands come first.");
  release
    .command("plan")
    .description("what the environment's policy would plan for this endpoint")
    .requiredOption("--endpoint <name>")
    .option("--version <name>")
    .addHelpText("after", "\nExamples:\n  slipway release plan --endpoint credit-default --version 3.2.0")
    .action(plan);
  for (const [verb, description] of [["submit", "ask for the approvals that the policy asks for"], ["start", "begin an approved release"]] as const) {
    release.command(verb).description(description).argument("<release>", "number or id").action((name: string, _options: unknown, command: Command) => act(name, verb, {}, command));
  }
  program
    .command("approve")
    .description("sign a release: short for release approve")
    .argument("<release>", "number or id")
    .addOption(new Option("--meaning <meaning>").choices(approvalMeanings).default("evidence_reviewed"))
    .requiredOption("--digest <digest>", "what you read, as the page or `release show --json` gives it")
    .addOption(reason())
    .addHelpText("after", '\nExamples:\n  slipway approve 7 --digest sha256:... --reason "Read the evaluation and the guards."')
    .action((name: string, body: object, command: Command) => act(name, "approve", body, command));
  program
    .command("rollback")
    .description("send all traffic back to stable at once: short for release rollback")
    .argument("<release>", "number or id")
    .addOption(new Option("--cause <cause>").choices(rollbackCauses).default("business_decision"))
    .addOption(reason())
    .addHelpText("after", '\nExamples:\n  slipway rollback 7 --cause errors --reason "Callers see failures since 14:02."')
    .action((name: string, body: object, command: Command) => act(name, "rollback", body, command));
}
