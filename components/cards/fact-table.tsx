import Link from "next/link";
import type { CardView } from "#lib/contracts/card-api.ts";

type Group = CardView["groups"][number];

/** Rows from the records. Nobody types here; each row names where it comes from. */
export function FactTable({ group, view }: { group: Group; view: CardView }) {
  const version = `/models/${encodeURIComponent(view.model)}/versions/${encodeURIComponent(view.version)}`;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead className="vh">
          <tr>
            <th scope="col">What</th>
            <th scope="col">Value</th>
            <th scope="col">Record</th>
          </tr>
        </thead>
        <tbody>
          {group.facts.map((fact) => (
            <tr key={fact.key}>
              <th scope="row">{fact.label}</th>
              <td className="wide keep" title={fact.number === null ? undefined : `exactly ${String(fact.number)}${fact.unit === null ? "" : ` ${fact.unit}`}`}>
                {fact.value}
              </td>
              <td data-label="Record">
                {fact.evidenceId === null ? (
                  <span className="muted">{fact.source}</span>
                ) : (
                  <Link href={`${version}#evidence`} prefetch={false} title={`evidence ${fact.evidenceId}`}>
                    {fact.source}
                  </Link>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
