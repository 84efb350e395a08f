import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";

const lineClass = { same: undefined, added: "add", removed: "del", hunk: "hunk" } as const;
const lineWord = { same: "", added: "added: ", removed: "removed: ", hunk: "" } as const;

/** What is different between stable and candidate, part by part, and field by field in the input contract. */
export function ChangesSection({ release }: { release: ReleaseView }) {
  const { changes, stable, candidate } = release;
  return (
    <Section
      id="changes"
      title="What changes"
      caption={`${stable.versionName} to ${candidate.versionName}`}
    >
      <div className="cols-2">
        <div className="table-wrap">
          <table className="table table-compact">
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">Stable {stable.versionName}</th>
                <th scope="col">Candidate {candidate.versionName}</th>
              </tr>
            </thead>
            <tbody>
              {changes.rows.map((row) => (
                <tr key={row.part}>
                  <th scope="row">{row.part}</th>
                  <td>{row.form === "digest" ? <Digest value={row.stable} /> : row.stable}</td>
                  <td>
                    {row.form === "digest" ? <Digest value={row.candidate} /> : row.candidate}
                    {row.same ? <span className="muted">, same</span> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div>
          <p className="code-head diff-head">{changes.contract.summary}</p>
          {changes.contract.lines.length === 0 ? null : (
            <div
              className="diff"
              role="region"
              aria-label="Input contract, differences"
              tabIndex={0}
            >
              {changes.contract.lines.map((line, index) => (
                <div key={index} className={lineClass[line.kind]}>
                  <span className="vh">{lineWord[line.kind]}</span>
                  {line.text}
                </div>
              ))}
            </div>
          )}
          {changes.contract.note === null ? null : (
            <p className="caption diff-note">{changes.contract.note}</p>
          )}
        </div>
      </div>
    </Section>
  );
}
