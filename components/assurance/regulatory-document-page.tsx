"use client";

import { formatCount } from "#lib/client/format-number.ts";
import type { RegulatoryDocumentView } from "#lib/contracts/views/assurance-view.ts";
import { Strip } from "../shell/strip.tsx";
import { Button } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

/** A document to print, sign and file. What nobody has recorded is left open, visibly. */
export function RegulatoryDocumentPage({ view }: { view: RegulatoryDocumentView }) {
  const model = `/models/${encodeURIComponent(view.modelName)}`;
  const path = `${model}/versions/${encodeURIComponent(view.versionName)}`;
  return (
    <>
      <Strip
        crumbs={[{ href: "/models", label: "Models" }, { href: model, label: view.modelName }, { href: path, label: view.versionName }, { href: `${path}/assurance`, label: "Assurance" }, { label: view.title }]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>{view.title}</h1>
          <p className="sub">
            {view.modelName} {view.versionName}, <Digest value={view.digest} />. {view.basis}. Made by {view.generator}, catalogue {view.catalogue}. It does not state that the system conforms.
          </p>
        </div>
        <div className="actionbar-wrap">
          <div className="actionbar">
            <Button
              onClick={() => {
                window.print();
              }}
            >
              Print
            </Button>
          </div>
        </div>
        <div className="page-say">
          <p className="verdict">
            <b>{view.open.length === 0 ? "Every field is filled." : `${formatCount(view.open.length, "field is", "fields are")} open.`}</b>{" "}
            {view.open.length === 0 ? "Somebody has to read and sign it." : "Each is named below; nothing is filled in that no record says."}
          </p>
        </div>
      </div>
      {view.parts.map((part, index) => (
        <Section key={part.title} id={`part-${String(index + 1)}`} title={`${String(index + 1)}. ${part.title}`}>
          <div className="table-wrap">
            <table className="table table-compact top is-cards is-document">
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Content</th>
                  <th scope="col">From</th>
                </tr>
              </thead>
              <tbody>
                {part.rows.map((row) => (
                  <tr key={row.label}>
                    <th scope="row" className="first-th wide">
                      {row.label}
                    </th>
                    <td data-label="Content" className="wide keep">
                      {row.value ?? <Status shape="draft">Open</Status>}
                    </td>
                    <td data-label="From" className="wide small">
                      {row.from}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      ))}
    </>
  );
}
