import { formatNumber } from "#lib/client/format-number.ts";
import { metricNumber, metricTitle } from "#lib/client/metric-words.ts";
import type { EvaluationReport, EvaluationSettings } from "#lib/contracts/evaluation.ts";
import { Status } from "../ui/status.tsx";

const METHODS: Readonly<Record<EvaluationReport["measures"][number]["method"], string>> = {
  wilson: "Wilson",
  delong: "DeLong",
  mean: "mean and its error",
  delta: "first order",
  none: "none",
};

const intervalText = (low: number | null, high: number | null): string => (low === null || high === null ? "" : `${metricNumber(low)} to ${metricNumber(high)}`);

function agreedText(limit: EvaluationSettings["thresholds"][string] | undefined): string {
  if (limit === undefined) return "";
  return [limit.min === null ? null : `at least ${String(limit.min)}`, limit.max === null ? null : `at most ${String(limit.max)}`].filter((part) => part !== null).join(", ");
}

/** Every figure with its interval, and whether it keeps what was agreed. */
export function FigureTable({ report, thresholds }: { report: EvaluationReport; thresholds: EvaluationSettings["thresholds"] }) {
  const hasLimits = Object.keys(thresholds).length > 0;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>The interval holds the true figure in 95 of 100 such samples. How it was made stands at the end; calibration error has none, its parts do.</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" className="n">Value</th>
            <th scope="col" className="n">95 % interval</th>
            <th scope="col" className="n">Of</th>
            {hasLimits ? <th scope="col">Agreed</th> : null}
            <th scope="col">Interval by</th>
          </tr>
        </thead>
        <tbody>
          {report.measures.map(({ name, value, low, high, n, method }) => {
            const limit = Object.hasOwn(thresholds, name) ? thresholds[name] : undefined;
            const isOutside = limit !== undefined && ((limit.min !== null && value < limit.min) || (limit.max !== null && value > limit.max));
            return (
              <tr key={name} className={isOutside ? "is-focus" : undefined}>
                <th scope="row">{metricTitle(name)}</th>
                <td className="n" data-label="Value">{metricNumber(value)}</td>
                <td className="n" data-label="95 % interval">{intervalText(low, high)}</td>
                <td className="n" data-label="Of">{formatNumber(n)}</td>
                {hasLimits ? (
                  <td data-label="Agreed" className="nowrap">
                    {limit === undefined ? (
                      <span className="muted">no limit</span>
                    ) : (
                      <>
                        <Status shape={isOutside ? "failed" : "passed"}>{isOutside ? "Not kept" : "Kept"}</Status> <small>{agreedText(limit)}</small>
                      </>
                    )}
                  </td>
                ) : null}
                <td data-label="Interval by">{METHODS[method]}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Counts by true class and answer. */
export function ConfusionTable({ confusion }: { confusion: NonNullable<EvaluationReport["confusion"]> }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>Rows by true class (down) and answer (across).</caption>
        <thead>
          <tr>
            <th scope="col">True class</th>
            {confusion.classes.map((name) => (
              <th scope="col" className="n" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.classes.map((name, actual) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {(confusion.counts[actual] ?? []).map((count, said) => (
                <td key={confusion.classes[said]} className="n">
                  {actual === said ? <b>{formatNumber(count)}</b> : formatNumber(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One figure by the values of a column. */
export function SliceTable({ slice, gapLimit }: { slice: EvaluationReport["slices"][number]; gapLimit: number | null }) {
  const isWide = slice.gap !== null && gapLimit !== null && slice.gap > gapLimit;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          {metricTitle(slice.metric)} by {slice.column}.{" "}
          {slice.gap === null
            ? "Fewer than two slices are large enough to be compared."
            : `The worst is ${metricNumber(slice.gap)} from the best${gapLimit === null ? "; no limit was agreed" : isWide ? `, more than the ${metricNumber(gapLimit)} agreed` : `, within the ${metricNumber(gapLimit)} agreed`}.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{slice.column}</th>
            <th scope="col" className="n">{metricTitle(slice.metric)}</th>
            <th scope="col" className="n">95 % interval</th>
            <th scope="col" className="n">Rows</th>
            <th scope="col">Judged</th>
          </tr>
        </thead>
        <tbody>
          {slice.rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td className="n" data-label={metricTitle(slice.metric)}>{row.value === null ? <span className="muted">not measured</span> : metricNumber(row.value)}</td>
              <td className="n" data-label="95 % interval">{intervalText(row.low, row.high)}</td>
              <td className="n" data-label="Rows">{formatNumber(row.n)}</td>
              <td data-label="Judged">{row.isJudged ? "yes" : "no, too few rows"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
