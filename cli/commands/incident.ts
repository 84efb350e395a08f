import { readFile, writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { createRunbook, listRunbooks, writeRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { draftIncidentReport, getIncident, listIncidents, moveIncident, openIncident } from "#lib/contracts/api/incident-operations.ts";
import type { ClockView } from "#lib/contracts/incident-api.ts";
import { HARMS, SEVERITIES } from "#lib/domain/incident/harm.ts";
import { INCIDENT_STATES, INCIDENT_STATE_LABELS } from "#lib/domain/incident/incident.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { columns, print, tell } from "../output.ts";

const clockText = (clock: ClockView | null): string => {
  if (clock === null) return "";
  const minute = (at: string) => `${at.slice(0, 16).replace("T", " ")} UTC`;
  if (clock.length === "immediately") return `${clock.citation}: at once, known since ${minute(clock.endsAt)}`;
  return `${clock.citation}: ${clock.state === "overdue" ? "overdue since" : "by"} ${minute(clock.endsAt)}`;
};

type OpenOptions = {
  readonly title: string;
  readonly summary: string;
  readonly severity: string;
  readonly endpoint?: string;
  readonly model?: string;
  readonly release?: string;
  readonly harm?: readonly string[];
  readonly awareAt?: string;
};

async function open(options: OpenOptions, command: Command): Promise<void> {
  const { release, harm, ...rest } = options;
  const opened = await askFor(connectionFrom(process.env), "/api/v1/incidents", openIncident.response, {
    method: "POST",
    json: { ...rest, harms: harm ?? [], ...(release === undefined ? {} : { release: Number(release) }) },
  });
  print(command, opened, [`incident ${String(opened.number)}  open`]);
}

async function show(number: string, _options: unknown, command: Command): Promise<void> {
  const view = await askFor(connectionFrom(process.env), `/api/v1/incidents/${encodeURIComponent(number)}`, getIncident.response);
  print(command, view, [
    `incident ${String(view.number)}  ${INCIDENT_STATE_LABELS[view.state]}  ${view.severity}  ${view.title}`,
    ...view.clocks.map((clock) => `  ${clock.state.padEnd(10)} ${clockText(clock)}`),
    ...view.entries.map(({ at, by, text }) => `  ${at.slice(0, 16).replace("T", " ")} UTC  ${by}: ${text}`),
  ]);
}

async function report(number: string, options: { kind: string; clock?: string; file?: string }, command: Command): Promise<void> {
  const query = new URLSearchParams({ kind: options.kind, ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const path = `/api/v1/incidents/${encodeURIComponent(number)}/report?${query.toString()}`;
  const { text } = await askFor(connectionFrom(process.env), path, draftIncidentReport.response);
  if (options.file === undefined) return print(command, { text }, [text]);
  await writeFile(options.file, text, { mode: 0o600 });
  print(command, { file: options.file }, [options.file]);
}

/** incident list, open, show, report, move; runbook list, write. */
export function addIncidentCommands(program: Command): void {
  const incident = program.command("incident").description("incidents: open, watch their clocks, report");
  incident.command("list").action(async (_options: unknown, command: Command) => {
    const { rows } = await askFor(connectionFrom(process.env), "/api/v1/incidents", listIncidents.response);
    const lines = rows.map((row) => [String(row.number), INCIDENT_STATE_LABELS[row.state], row.severity, row.title, clockText(row.nextClock)]);
    print(command, rows, columns([["no", "state", "severity", "title", "report owed"], ...lines]));
  });
  incident
    .command("open")
    .requiredOption("--title <text>")
    .requiredOption("--summary <text>", "what happened")
    .addOption(new Option("--severity <word>").choices(SEVERITIES).makeOptionMandatory())
    .option("--endpoint <name>")
    .option("--model <name>")
    .option("--release <number>")
    .addOption(new Option("--harm <words...>", "what it did; starts the regulatory clocks").choices(HARMS))
    .option("--aware-at <time>", "when somebody here knew, such as 2026-11-29T10:00:00Z; left out, now")
    .action(open);
  incident.command("show").argument("<number>").action(show);
  incident
    .command("report")
    .description("the report as Markdown, made from what is recorded")
    .argument("<number>")
    .addOption(new Option("--kind <kind>").choices(["initial", "complete"]).default("initial"))
    .option("--clock <id>", "the clock it answers, such as eu-73-2")
    .option("--file <path>")
    .action(report);
  incident
    .command("move")
    .argument("<number>")
    .addOption(new Option("--state <word>").choices(INCIDENT_STATES).makeOptionMandatory())
    .requiredOption("--reason <text>")
    .action(async (number: string, json: { state: string; reason: string }, command: Command) => {
      const path = `/api/v1/incidents/${encodeURIComponent(number)}/state`;
      const moved = await askFor(connectionFrom(process.env), path, moveIncident.response, { method: "POST", json });
      print(command, moved, [`incident ${String(moved.number)}  ${INCIDENT_STATE_LABELS[moved.state]}`]);
    });
  addRunbookCommands(program);
}

function addRunbookCommands(program: Command): void {
  const runbook = program.command("runbook").description("runbooks: list, write");
  runbook.command("list").action(async (_options: unknown, command: Command) => {
    const { rows } = await askFor(connectionFrom(process.env), "/api/v1/runbooks", listRunbooks.response);
    const lines = rows.map((row) => [row.name, String(row.version), row.people.map(({ name }) => name).join(", "), row.gaps.join(" ")]);
    print(command, rows, columns([["name", "version", "called", "lacks"], ...lines]));
  });
  runbook
    .command("write")
    .description("write a runbook from a Markdown file; with --title a new one, else the next version")
    .argument("<name>")
    .requiredOption("--file <markdown>")
    .option("--title <text>")
    .action(async (name: string, options: { file: string; title?: string }, command: Command) => {
      const text = await readFile(options.file, "utf8");
      const connection = connectionFrom(process.env);
      const written =
        options.title === undefined
          ? await askFor(connection, `/api/v1/runbooks/${encodeURIComponent(name)}/versions`, writeRunbook.response, { method: "POST", json: { text } })
          : await askFor(connection, "/api/v1/runbooks", createRunbook.response, { method: "POST", json: { name, title: options.title, text } });
      print(command, written, [`${written.name}  version ${String(written.version)}`]);
      tell("Whoever is assigned must acknowledge it.");
    });
}
