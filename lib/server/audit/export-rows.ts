import { createHash } from "node:crypto";
import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { eventView } from "./event-view.ts";
import type { AuditFilter, AuditStore } from "./audit-store.ts";

const PAGE = 500;

/** What an export says of itself. `trailSize`: entries of the whole trail when it was made; later ones are not in it. */
type Head = { readonly statement: string; readonly generator: string; readonly trailSize: number };

type Tally = { readonly entries: number; readonly firstSeq: number | null; readonly lastSeq: number | null; readonly leafHashesSha256: string };

/** No entry written after the export was asked for, however long it takes: count and rows are of one set. */
const upTo = (filter: AuditFilter, trailSize: number): AuditFilter => ({ ...filter, toSeq: Math.min(filter.toSeq ?? trailSize - 1, trailSize - 1) });

/** How many entries there are, and one hash over theirs in order: whoever has the rows can compute it again from the last column. */
async function tallyOf(store: AuditStore, filter: AuditFilter): Promise<Tally> {
  const hash = createHash("sha256");
  let entries = 0;
  let firstSeq: number | null = null;
  let lastSeq: number | null = null;
  for await (const { seq, leafHash } of events(store, filter)) {
    hash.update(`${leafHash}\n`);
    entries += 1;
    firstSeq ??= seq;
    lastSeq = seq;
  }
  return { entries, firstSeq, lastSeq, leafHashesSha256: hash.digest("hex") };
}

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

/** Rows for a spreadsheet, oldest first; the first lines say what they are, how many, and the hash over them. Times are UTC. */
export async function* csvLines(store: AuditStore, asked: AuditFilter, { statement, generator, trailSize }: Head): AsyncGenerator<string> {
  const filter = upTo(asked, trailSize);
  const { entries, firstSeq, lastSeq, leafHashesSha256 } = await tallyOf(store, filter);
  yield `# ${generator}. ${statement.replaceAll(/[\r\n]/g, " ")} Times are UTC.\r\n`;
  yield `# ${entries} of ${trailSize} entries${firstSeq === null ? "" : `, number ${firstSeq} to ${String(lastSeq)}`}. sha256 over the sha256 column, one a line: ${leafHashesSha256}\r\n`;
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

/** One JSON object a line, oldest first; the first line says what they are, how many, and the hash over their leaf hashes, one a line. */
export async function* jsonLines(store: AuditStore, asked: AuditFilter, { statement, generator, trailSize }: Head): AsyncGenerator<string> {
  const filter = upTo(asked, trailSize);
  yield `${JSON.stringify({ generator, filter: statement, zone: "UTC", trailSize, ...(await tallyOf(store, filter)) })}\n`;
  for await (const event of events(store, filter)) yield `${JSON.stringify(event)}\n`;
}
