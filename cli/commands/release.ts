import { setTimeout as pause } from "node:timers/promises";
import { type Command, Option } from "commander";
import { createRelease, dryRunRelease, getRelease, listDrills, listReleases, releaseStanding } from "#lib/contracts/api/release-operations.ts";
import { approvalMeanings, rollbackCauses } from "#lib/contracts/release-api.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { STRATEGIES } from "#lib/domain/release/plan.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";
import { formatWeight } from "#lib/domain/release/wording.ts";
import { type Connection, askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";
import { explain } from "./explain-release.ts";

const LOOK_AGAIN_MS = 1000;
const STOPPED = new Set(["ROLLED_BACK", "ABORTED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED"]);

const read = (connection: Connection, release: string): Promise<ReleaseView> =>
  askFor(connection, `/api/v1/releases/${encodeURIComponent(release)}`, getRelease.response);

/** Sends an act about the state that was just read, so that nobody acts on what they have not seen. */
async function act(release: string, verb: string, body: unknown, command: Command, isUrgent = false): Promise<void> {
  const connection = connectionFrom(process.env);
  const { releaseId, rowVersion } = await read(connection, release);
  const standing = await askFor(connection, `/api/v1/releases/${releaseId}/${verb}`, releaseStanding, {
    method: "POST",
    json: body,
    headers: isUrgent ? {} : { "if-match": `"${rowVersion}"` },
  });
  print(command, standing, [`release ${standing.number}  ${RELEASE_LABELS[standing.state].word}`]);
}

/** The sentence whenever it changes, until the release is over. The exit code says how it ended. */
async function watch(release: string, options: { timeout: string }, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const until = performance.now() + Number(options.timeout) * 1000;
  let said = "";
  for (;;) {
    const view = await read(connection, release);
    const line = `${RELEASE_LABELS[view.state].word.padEnd(18)} ${formatWeight(view.weightBp).padStart(6)}  ${view.sentence}`;
    if (line !== said) tell(`${view.asOf.slice(11, 19)} UTC  ${line}`);
    said = line;
    if (!view.open) {
      print(command, view, [`release ${view.number}  ${RELEASE_LABELS[view.state].word}`]);
      if (STOPPED.has(view.state)) throw new CliProblem(view.sentence, EXIT.rolledBack);
      return;
    }
    if (performance.now() > until) throw new CliProblem(`Release ${view.number} is still under way.`, EXIT.timedOut);
    await pause(LOOK_AGAIN_MS);
  }
}

const reason = () => new Option("--reason <text>", "why, in at least 10 characters; it stays in the record").makeOptionMandatory();

type CreateOptions = {
  endpoint: string;
  version: string;
  strategy: string;
  reason?: string;
  draft?: boolean;
  startAt?: string;
  supersede?: boolean;
  dryRun?: boolean;
};

const STANDING = { stops: "stops", waits: "waits", goes: "goes on" } as const;

/** What would happen, and nothing kept of it; exit 4 when it would be refused. */
async function tryOut(connection: ReturnType<typeof connectionFrom>, json: object, command: Command): Promise<void> {
  const found = await askFor(connection, "/api/v1/releases/dry-run", dryRunRelease.response, { method: "POST", json });
  print(command, found, [
    found.sentence,
    ...columns(found.lines.map(({ title, standing, text }) => [`  ${title}`, STANDING[standing], text])),
    ...found.triggers.map(({ text, firings, hours }) => `  trigger  ${text} Would have fired ${String(firings)} times in the live version's last ${String(hours)} h.`),
  ]);
  if (found.outcome === "refused") throw new CliProblem("Nothing was made.", EXIT.refused);
  tell("Nothing was made. The same command without --dry-run makes it.");
}

/** Orders a drill and follows it to its end; exit 0 when the fault was found and the previous version restored in time. */
async function drill(options: { endpoint: string; version: string; fault: string; timeout: string }, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const { endpoint, version, fault } = options;
  const created = await askFor(connection, "/api/v1/releases", createRelease.response, {
    method: "POST",
    json: { endpoint, version, drill: fault, reason: `Rollback drill with ${fault.replaceAll("_", " ")}.` },
  });
  tell(`${connection.url}/releases/${created.number}`);
  const until = performance.now() + Number(options.timeout) * 1000;
  let said = "";
  for (;;) {
    const view = await read(connection, String(created.number));
    if (view.sentence !== said) tell(`${view.asOf.slice(11, 19)} UTC  ${view.sentence}`);
    said = view.sentence;
    const { drill: result } = view.byStrategy;
    if (!view.open && result !== null) {
      print(command, result, [result.summary]);
      if (result.passed !== true) throw new CliProblem("The drill did not pass.", EXIT.refused);
      return;
    }
    if (performance.now() > until) throw new CliProblem(`Drill ${created.number} is still under way.`, EXIT.timedOut);
    await pause(LOOK_AGAIN_MS);
  }
}

/** release list, create, show, watch and the acts. */
export function addReleaseCommands(program: Command): void {
  const release = program.command("release").description("releases: create, watch, approve, roll back");

  release
    .command("list")
    .option("--group <group>", "open, awaiting, moving, holding, live, rolled_back or ended")
    .action(async (options: { group?: string }, command: Command) => {
      const query = options.group === undefined ? "" : `?group=${encodeURIComponent(options.group)}`;
      const { rows } = await askFor(connectionFrom(process.env), `/api/v1/releases${query}`, listReleases.response);
      const lines = rows.map((row) => [
        String(row.number),
        `${row.modelName} ${row.candidateVersionName}`,
        row.endpointName,
        RELEASE_LABELS[row.state].word,
        formatWeight(row.weightBp),
        row.say,
      ]);
      print(command, rows, columns([["no", "version", "endpoint", "state", "weight", ""], ...lines]));
    });

  release
    .command("create")
    .description("plan to move an endpoint to a version, and ask for approval")
    .requiredOption("--endpoint <name>")
    .requiredOption("--version <name>")
    .option("--reason <text>")
    .option("--draft", "do not ask for approval yet")
    .addOption(new Option("--strategy <strategy>", "how it goes live").choices(STRATEGIES).default("canary"))
    .option("--start-at <instant>", "not before this moment, such as 2026-12-01T06:00:00Z")
    .option("--supersede", "end the release that is under way on the endpoint first")
    .option("--dry-run", "say what would happen now, and make nothing")
    .action(async (options: CreateOptions, command: Command) => {
      const connection = connectionFrom(process.env);
      const { endpoint, version, strategy, reason: why, draft, startAt, supersede, dryRun } = options;
      const json = {
        endpoint,
        version,
        strategy,
        submit: draft !== true,
        supersede: supersede === true,
        ...(startAt === undefined ? {} : { startAt }),
        ...(why === undefined ? {} : { reason: why }),
      };
      if (dryRun === true) return tryOut(connection, json, command);
      const created = await askFor(connection, "/api/v1/releases", createRelease.response, { method: "POST", json });
      print(command, created, [`release ${created.number}  ${RELEASE_LABELS[created.state].word}`]);
      tell(`${connection.url}/releases/${created.number}`);
      tell(`Next: slipway release watch ${created.number}`);
    });

  release
    .command("show")
    .argument("<release>", "number or id")
    .action(async (name: string, _options: unknown, command: Command) => {
      const view = await read(connectionFrom(process.env), name);
      const guards = view.guards.map((guard) => `  ${guard.name.padEnd(14)} ${guard.summary}`);
      print(command, view, [`release ${view.number}  ${RELEASE_LABELS[view.state].word}`, view.sentence, ...guards]);
    });

  release
    .command("watch")
    .description("follow a release until it is over; exit 5 when it was stopped")
    .argument("<release>", "number or id")
    .option("--timeout <seconds>", "give up waiting after this long", "86400")
    .action(watch);

  release
    .command("approve")
    .argument("<release>")
    .addOption(new Option("--meaning <meaning>").choices(approvalMeanings).default("evidence_reviewed"))
    .requiredOption("--digest <digest>", "what you read, as the page or `release show --json` gives it")
    .addOption(reason())
    .action((name: string, { meaning, digest, reason: why }: { meaning: string; digest: string; reason: string }, command: Command) =>
      act(name, "approve", { meaning, digest, reason: why }, command),
    );

  for (const [verb, description] of [
    ["hold", "stop moving; weights stay as they are"],
    ["promote", "promote now by signed override"],
    ["cancel", "withdraw a release that has not begun"],
  ] as const) {
    release
      .command(verb)
      .description(description)
      .argument("<release>")
      .addOption(reason())
      .action((name: string, options: { reason: string }, command: Command) => act(name, verb, { reason: options.reason }, command));
  }

  release
    .command("deprecate")
    .description("end a challenger after mirroring: its copy of the traffic stops everywhere")
    .argument("<release>")
    .addOption(reason())
    .action((name: string, options: { reason: string }, command: Command) => act(name, "deprecate", { reason: options.reason }, command));

  release
    .command("pass-gate")
    .description("let a release through its gate: switch blue-green, go on after mirroring, begin the next step")
    .argument("<release>")
    .addOption(reason())
    .action((name: string, options: { reason: string }, command: Command) => act(name, "pass-gate", { reason: options.reason }, command));

  release
    .command("explain")
    .description("compute every decision again from its stored counts, offline, and compare bit for bit")
    .argument("[release]", "number or id")
    .option("--file <file>", "the answer of GET /api/v1/releases/{id}/decisions, instead of asking for it")
    .action(explain);

  release
    .command("drill")
    .description("put a fault into a candidate on purpose and see that it is found and taken back; staging only")
    .requiredOption("--endpoint <name>")
    .requiredOption("--version <name>")
    .addOption(new Option("--fault <fault>").choices(["errors", "latency", "drifted_inputs"]).default("errors"))
    .option("--timeout <seconds>", "give up waiting after this long", "900")
    .action(drill);

  release
    .command("drills")
    .description("rollback drills, newest first")
    .action(async (_options: unknown, command: Command) => {
      const { rows } = await askFor(connectionFrom(process.env), "/api/v1/drills", listDrills.response);
      const lines = rows.map((row) => [
        String(row.releaseNumber),
        row.at.slice(0, 10),
        row.endpointName,
        `${row.modelName} ${row.versionName}`,
        row.passed === null ? "running" : row.passed ? "passed" : "failed",
        row.summary,
      ]);
      print(command, rows, columns([["no", "date", "endpoint", "version", "result", ""], ...lines]));
    });

  release
    .command("resume")
    .argument("<release>")
    .action((name: string, _options: unknown, command: Command) => act(name, "resume", {}, command));

  release
    .command("rollback")
    .description("send all traffic back to stable at once")
    .argument("<release>")
    .addOption(new Option("--cause <cause>").choices(rollbackCauses).default("business_decision"))
    .addOption(reason())
    .action((name: string, { cause, reason: why }: { cause: string; reason: string }, command: Command) =>
      act(name, "rollback", { cause, reason: why }, command, true),
    );
}
