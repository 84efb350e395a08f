import { formatNumber, formatShare } from "#lib/client/format-number.ts";
import type { BatchReport } from "#lib/contracts/batch.ts";

/** Answers by class, with their share. */
export function PredictionTable({ counts }: { counts: BatchReport["predictions"] }) {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  if (rows.length === 0) return <p className="small">No output names a class, or no row has an answer yet.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <thead>
          <tr>
            <th scope="col">Answer</th>
            <th scope="col" className="n">
              Rows
            </th>
            <th scope="col" className="n">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, count]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="n">{formatNumber(count)}</td>
              <td className="n">{formatShare(count / total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the input contract met: values flagged and values replaced, by field. */
export function ContractTable({ report }: { report: BatchReport }) {
  const fields = [...new Set([...Object.keys(report.flagged), ...Object.keys(report.imputed)])].sort();
  if (fields.length === 0) {
    return (
      <p className="small">
        {report.refused === 0
          ? "Every value read so far is within the input contract."
          : `${formatNumber(report.refused)} rows were refused by the contract; no value was flagged or replaced.`}
      </p>
    );
  }
  const of = (counts: BatchReport["flagged"], field: string) => counts[field] ?? { null: 0, range: 0, domain: 0 };
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>Values, not rows. {formatNumber(report.refused)} rows were refused outright.</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col" className="n">
              Null
            </th>
            <th scope="col" className="n">
              Out of range
            </th>
            <th scope="col" className="n">
              Unknown value
            </th>
            <th scope="col" className="n">
              Replaced
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const [flagged, imputed] = [of(report.flagged, field), of(report.imputed, field)];
            return (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td className="n">{formatNumber(flagged.null)}</td>
                <td className="n">{formatNumber(flagged.range)}</td>
                <td className="n">{formatNumber(flagged.domain)}</td>
                <td className="n">{formatNumber(imputed.null + imputed.range + imputed.domain)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
