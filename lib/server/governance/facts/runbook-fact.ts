import { RUNBOOK_SECTIONS } from "#lib/contracts/runbook-api.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { runbookRow } from "../../runbooks/read-runbooks.ts";
import type { NewFact } from "../record-facts.ts";
import { endpointSubject } from "../subjects.ts";

/** Headings that the newest text of a runbook lacks or leaves empty. */
function emptySections(text: string): number {
  const lines = text.split("\n");
  return RUNBOOK_SECTIONS.filter((name) => {
    const from = lines.findIndex((line) => /^#{1,3} /.test(line) && line.replace(/^#+ /, "").trim() === name);
    if (from < 0) return true;
    const rest = lines.slice(from + 1);
    const to = rest.findIndex((line) => /^#{1,3} /.test(line));
    return rest.slice(0, to < 0 ? undefined : to).every((line) => line.trim() === "");
  }).length;
}

/** The runbook of an endpoint, by its own link or its model's, with who is on call and whether they have read it; null where there is none. */
export async function runbookFact(db: ReadModels, endpoint: Pick<EndpointRecord, "id" | "modelId">, now: Date): Promise<NewFact | null> {
  const runbooks = await db.runbooks.runbooksFor({ endpointId: endpoint.id, modelId: endpoint.modelId });
  if (runbooks.length === 0) return null;
  const names = await db.runbooks.namesOfRunbooks(runbooks);
  const rows = runbooks.map((runbook) => ({ row: runbookRow(runbook, names, now), text: runbook.versions[0]?.text ?? "" }));
  // Of several the one in the best order: one good runbook is enough.
  const [best] = rows.sort((a, b) => a.row.gaps.length - b.row.gaps.length || (a.row.name < b.row.name ? -1 : 1));
  if (best === undefined) return null;
  const { row, text } = best;
  const onCall = (duty: "primary" | "secondary") => row.people.find((person) => person.duty === duty)?.name ?? null;
  const details = {
    runbook: row.name,
    primary: onCall("primary"),
    secondary: onCall("secondary"),
    inactiveAssignees: row.people.filter(({ isAble }) => !isAble).length,
    acknowledged: row.people.length > 0 && row.people.every(({ acknowledgedAt }) => acknowledgedAt !== null),
    missingSections: emptySections(text),
  };
  return {
    kind: "incident_runbook_assigned",
    subject: endpointSubject(endpoint.id),
    summary: row.gaps.length === 0 ? `Runbook ${row.name}, version ${row.version}, is assigned to ${row.people.map(({ name }) => name).join(" and ")}, who have read it.` : `Runbook ${row.name}, version ${row.version}: ${row.gaps.join(" ")}`,
    details,
  };
}
