import Link from "next/link";
import type { FrameworkCounts } from "#lib/contracts/views/assurance-view.ts";

const BANDS = [
  ["law", "Law"],
  ["guidance", "Guidance"],
  ["voluntary", "Voluntary and superseded"],
] as const;

const Cell = ({ value, label }: { value: number; label: string }) => (
  <td className={`num${value === 0 ? " zero" : ""}`} data-label={label}>
    {value}
  </td>
);

/** Counts by framework under their force. Bands are never added up, and there is no percentage. */
export function CountsTable({ frameworks }: { frameworks: readonly FrameworkCounts[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact ledger is-cards">
        <caption>
          Counts are never added across the bands. By a person: applicable controls whose evidence no machine
          can make alone.
        </caption>
        <thead>
          <tr>
            <th scope="col">Framework</th>
            <th scope="col" className="num">Met of applicable</th>
            <th scope="col" className="num">Waived</th>
            <th scope="col" className="num">Stale</th>
            <th scope="col" className="num">Missing</th>
            <th scope="col" className="num">Failed</th>
            <th scope="col" className="num">By a person</th>
            <th scope="col" className="num">Upcoming</th>
            <th scope="col" className="num">Not applicable</th>
          </tr>
        </thead>
        {BANDS.map(([band, title]) => {
          const rows = frameworks.filter((row) => row.band === band);
          return rows.length === 0 ? null : (
            <tbody key={band}>
              <tr className="band">
                <th colSpan={9} scope="rowgroup">{title}</th>
              </tr>
              {rows.map(({ slug, name, standing, counts }) => (
                <tr key={slug}>
                  <th scope="row" className="first-th">
                    <Link href={`/assurance/${slug}`} prefetch={false}>{name}</Link>
                    <small>{standing}</small>
                  </th>
                  <td className="num" data-label="Met of applicable">
                    <b>
                      {counts.met} of {counts.applicable}
                    </b>
                  </td>
                  <Cell label="Waived" value={counts.waived} />
                  <Cell label="Stale" value={counts.stale} />
                  <Cell label="Missing" value={counts.missing} />
                  <Cell label="Failed" value={counts.failed} />
                  <Cell label="By a person" value={counts.byPerson} />
                  <Cell label="Upcoming" value={counts.upcoming} />
                  <Cell label="Not applicable" value={counts.not_applicable} />
                </tr>
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}
