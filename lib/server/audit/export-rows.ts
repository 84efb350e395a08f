import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { eventView } from "./event-view.ts";
import type { AuditFilter, AuditStore } from "./audit-store.ts";

const PAGE = 500;

type Head = { readonly statement: string; readonly generator: string };

async function* events(store: AuditStore, filter: AuditFilter): AsyncGenerator<AuditEventView> {
  let cursor: number | null = null;
  for (;;) {
    const rows = await store.select(filter, { cursor, order: "ascending", limit: PAGE });
    for (const row of rows) yield eventView(row);
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    cursor = last.seq;
  }
}

/** RFC 4180; a cell that a spreadsheet could take for a formula gets a quote in front. */
function cell(value: string | null): string {
  const text = value ?? "";
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const COLUMNS = ["seq", "time_utc", "actor_type", "actor", "action", "outcome", "targets", "before", "after", "reason", "request_id", "sha256"] as const;

/** Rows for a spreadsheet, oldest first; the first lines say what they are. Times are UTC. */
export async function* csvLines(store: AuditStore, filter: AuditFilter, { statement, generator }: Head): AsyncGenerator<string> {
  yield `# ${generator}. ${statement.replaceAll(/[\r\n]/g, " ")} Times are UTC.\r\n`;
  yield `${COLUMNS.join(",")}\r\n`;
  for await (const event of events(store, filter)) {
    const cells = [
      String(event.seq),
      event.occurredAt,
      event.actor.type,
      event.actor.name,
      event.action,
      event.outcome,
      event.targets.map(({ type, name, id }) => `${type} ${name ?? id}`).join("; "),
      event.before === null ? null : JSON.stringify(event.before),
      event.after === null ? null : JSON.stringify(event.after),
      event.reason,
      event.requestId,
      event.leafHash,
    ];
    yield `${cells.map(cell).join(",")}\r\n`;
  }
}

/** One JSON object a line, oldest first; the first line says what they are. */
export async function* jsonLines(store: AuditStore, filter: AuditFilter, { statement, generator }: Head): AsyncGenerator<string> {
  yield `${JSON.stringify({ generator, filter: statement, zone: "UTC" })}\n`;
  for await (const event of events(store, filter)) yield `${JSON.stringify(event)}\n`;
}
