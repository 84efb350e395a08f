import PDFDocument from "pdfkit";
import { toHex } from "#lib/domain/audit/bytes.ts";
import { AppError } from "#lib/domain/errors.ts";
import { printableText } from "../documents/printable-text.ts";
import type { AuditFilter, AuditStore } from "./audit-store.ts";
import { eventView } from "./event-view.ts";

/** More than this is no document to read: a narrower filter, or another format. */
const MAX_ENTRIES = 2_000;

type Head = { readonly statement: string; readonly generator: string; readonly madeAt: Date; readonly size: number; readonly origin: string; readonly note: string | null };

/** The filtered trail on A4: header with filter, counts, hashes and generator, then entry by entry, and the signed checkpoint at the end. */
export async function auditPdf(store: AuditStore, filter: AuditFilter, head: Head): Promise<Buffer> {
  const summary = await store.summarise(filter, head.size);
  if (summary.count > MAX_ENTRIES) {
    throw new AppError("invalid_input", `A PDF holds at most ${String(MAX_ENTRIES)} entries; this filter has ${String(summary.count)}.`, {
      hint: "Filter by model, release or time, or take CSV, JSON Lines or the bundle.",
      errors: [{ pointer: "/format", message: "Too many entries for a PDF." }],
    });
  }
  const rows = await store.select(filter, { cursor: null, order: "ascending", limit: MAX_ENTRIES });
  const pdf = new PDFDocument({ size: "A4", margin: 50, info: { Title: "Audit trail", Creator: head.generator, CreationDate: head.madeAt } });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", () => resolve(Buffer.concat(chunks)));
    pdf.on("error", reject);
  });
  const line = (text: string, size = 9, font = "Helvetica"): void => {
    pdf.font(font).fontSize(size).text(printableText(text));
  };
  line("Audit trail", 18, "Helvetica-Bold");
  const first = rows[0];
  const last = rows.at(-1);
  for (const text of [
    `Filter: ${head.statement}`,
    `Entries: ${String(summary.count)} of ${String(head.size)}${first && last ? `, first #${String(first.seq)}, last #${String(last.seq)}` : ""}`,
    ...(first && last ? [`First hash: ${toHex(first.leafHash)}`, `Last hash: ${toHex(last.leafHash)}`] : []),
    `Log: ${head.origin}. Times are UTC.`,
    `Made ${head.madeAt.toISOString()} by ${head.generator}`,
  ]) line(text);
  for (const stored of rows) {
    const event = eventView(stored);
    pdf.moveDown(0.6);
    line(`#${String(event.seq)}  ${event.occurredAt}  ${event.actor.name}: ${event.label}`, 9, "Helvetica-Bold");
    line(event.targets.map(({ type, name, id }) => `${type} ${name ?? id}`).join("; "), 8);
    if (event.reason !== null) line(`Reason: ${event.reason}`, 8);
    if (event.after !== null) line(`After: ${JSON.stringify(event.after).slice(0, 600)}`, 7.5);
    line(event.leafHash, 6.5);
  }
  if (head.note !== null) {
    pdf.moveDown(1);
    line("Signed checkpoint", 10, "Helvetica-Bold");
    line(head.note, 7, "Courier");
    line("A PDF cannot be verified by itself: take the signed bundle and the verifier for that.", 8);
  }
  pdf.end();
  return done;
}
