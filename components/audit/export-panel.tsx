"use client";

import { auditExportPath } from "#lib/client/audit-queries.ts";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { AuditFilterQuery, AuditListView } from "#lib/contracts/audit-api.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { Section } from "../ui/section.tsx";

const formats = [
  { format: "bundle", title: "Signed bundle", note: "entries, proofs, checkpoint" },
  { format: "csv", title: "CSV", note: "one row an entry" },
  { format: "jsonl", title: "JSON Lines", note: "one object an entry" },
  { format: "pdf", title: "PDF", note: "A4, at most 2,000 entries" },
] as const;

/** Takes the filtered set away, and says how to check it without this server. */
export function ExportPanel({
  view,
  filter,
  mayExport,
}: {
  view: AuditListView;
  filter: AuditFilterQuery;
  mayExport: boolean;
}) {
  const { trail } = view;
  const command = (start: string) => `${start} FILE --key '${trail.vkey}'`;
  return (
    <Section
      id="export"
      title="Export"
      caption={`always the filtered set, ${formatCount(view.total, "entry", "entries")}, times in UTC`}
    >
      <p>
        {view.statement}{" "}
        {view.firstSeq === null || view.lastSeq === null
          ? ""
          : `First #${formatNumber(view.firstSeq)}, last #${formatNumber(view.lastSeq)}. `}
        The export itself becomes an entry.
      </p>
      {mayExport ? (
        <div className="chips export-acts">
          {formats.map(({ format, title, note }, index) => (
            <a
              key={format}
              className={index === 0 ? "btn btn-primary" : "btn"}
              href={auditExportPath(filter, format)}
              id={`export-${format}`}
              download
            >
              {title}
              <span className="vh">, {note}</span>
            </a>
          ))}
        </div>
      ) : (
        <p className="caption closed-note">
          Exporting is for ML leads, validators, compliance, auditors and administrators.
        </p>
      )}
      <div className="export-commands">
        <CodeBlock title="Check a bundle offline, with Node alone" code={command("node slipway-audit-verify.mjs")} />
        <CodeBlock title="The same with the slipway command" code={command("slipway audit verify")} />
      </div>
      <p className="caption">
        <a href="/slipway-audit-verify.mjs" download>
          Download verifier
        </a>
        : one file, no network. It checks the export, not this page.
      </p>
    </Section>
  );
}
