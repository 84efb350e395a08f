import { z } from "zod";
import { HARM_LABELS, LAW_ROLE_LABELS, SEVERITY_LABELS, SOURCE_LABELS } from "#lib/domain/incident/harm.ts";
import { INCIDENT_STATE_LABELS } from "#lib/domain/incident/incident.ts";
import { readIncident } from "./read-incidents.ts";
import type { Store } from "../store.ts";
import type { Actor } from "../ports.ts";
import type { IncidentView } from "#lib/contracts/incident-api.ts";

const utc = (at: string): string => `${at.slice(0, 19).replace("T", " ")} UTC`;
const list = (lines: readonly string[], none: string): string[] => (lines.length === 0 ? [none] : lines.map((line) => `- ${line}`));

function factLines(view: IncidentView): string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ["Severity", SEVERITY_LABELS[view.severity]],
    ["State", INCIDENT_STATE_LABELS[view.state]],
    ["How it was opened", SOURCE_LABELS[view.source]],
    ["Happened", view.occurredAt === null ? "not recorded" : utc(view.occurredAt)],
    ["Known here since", utc(view.awareAt)],
    ["Model", view.model?.name ?? null],
    ["Version", view.version?.name ?? null],
    ["Endpoint", view.endpoint === null ? null : `${view.endpoint.name}, ${view.environment?.name ?? ""}`],
    ["Release", view.releaseNumber === null ? null : String(view.releaseNumber)],
    ["Our role", view.lawRoles.map((role) => LAW_ROLE_LABELS[role]).join(", ")],
    ["Jurisdictions", view.jurisdictions.join(", ") || "none recorded"],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [`- ${label}: ${value}`]));
}

function completeLines(view: IncidentView): string[] {
  const done = view.actions.map(({ title, owner, state, dueAt, note }) => `${title} (${owner}, ${state === "open" ? `due ${dueAt.slice(0, 10)}` : state})${note === null ? "" : `: ${note}`}`);
  const { postMortem } = view;
  const cause = postMortem === null ? ["Not established yet."] : [postMortem.whatHappened, "", `Root cause: ${postMortem.rootCause}`, "", `Lessons: ${postMortem.lessons}`];
  return ["", "## Cause", "", ...cause, "", "## Corrective actions", "", ...list(done, "None recorded.")];
}

/** A report as Markdown, of what is recorded and nothing else. `initial` says what is known; `complete` adds cause and corrective actions. */
export function reportText(view: IncidentView, kind: "initial" | "complete", clockId: string | null): string {
  const clock = view.clocks.find(({ id }) => id === clockId) ?? null;
  const kept = view.preserved.map(({ cause, takenAt, digest }) => `${cause}, taken ${utc(takenAt)}, ${digest}`);
  return [
    `# ${kind === "initial" ? "Initial" : "Complete"} report: ${view.title}`,
    "",
    `Incident ${String(view.number)}. Made ${utc(view.asOf)} from the record.`,
    ...(clock === null ? [] : ["", `To ${clock.recipient}, under ${clock.citation}: ${clock.duty}. ${clock.length === "immediately" ? `Due at once; known since ${utc(clock.endsAt)}.` : `Due ${clock.length} after awareness, ${utc(clock.endsAt)}.`} ${clock.also}`]),
    "",
    "## What happened",
    "",
    view.summary,
    "",
    "## Facts",
    "",
    ...factLines(view),
    "",
    "## What it did",
    "",
    ...list(view.harms.map((harm) => HARM_LABELS[harm]), "No harm is recorded."),
    "",
    "## Evidence preserved",
    "",
    ...list(kept, "None was preserved automatically."),
    ...(kind === "complete" ? completeLines(view) : []),
    "",
    "## Timeline",
    "",
    ...list(view.entries.map(({ at, by, text }) => `${utc(at)}, ${by}: ${text.replaceAll("\n", " ")}`), "Nothing recorded."),
    "",
  ].join("\n");
}

const input = z.strictObject({ number: z.number().int().positive(), kind: z.enum(["initial", "complete"]), clock: z.string().nullable() });

/** The report of an incident, for whoever may read it. */
export const draftIncidentReport =
  (store: Store) =>
  async (actor: Actor, raw: z.input<typeof input>): Promise<{ kind: "initial" | "complete"; text: string }> => {
    const { number, kind, clock } = input.parse(raw);
    return { kind, text: reportText(await readIncident(store)(actor, { number }), kind, clock) };
  };
