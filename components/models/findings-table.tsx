import { findingStatus } from "#lib/client/registry-words.ts";
import type { Finding } from "#lib/domain/artifact/types.ts";
import { Status } from "../ui/status.tsx";

const ORDER: readonly Finding["severity"][] = ["block", "warn", "note", "passed"];

/** What reading the file found, what needs a look first. */
export function FindingsTable({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return <p className="small">Nothing was found.</p>;
  const sorted = [...findings].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity),
  );
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Finding</th>
            <th scope="col">What it means</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((finding, index) => {
            const status = findingStatus(finding.severity);
            return (
              <tr key={`${finding.code} ${String(index)}`}>
                <th scope="row" className="first-th">
                  {finding.title}
                </th>
                <td className="wide">
                  {finding.message} {finding.hint ?? ""}
                </td>
                <td className="v-cell nowrap">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
