"use client";

import dynamic from "next/dynamic";
import { csvText } from "#lib/client/csv.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { percent, score } from "#lib/client/monitoring-words.ts";
import type { Distribution } from "#lib/contracts/views/monitoring-view.ts";
import { CopyButton } from "../ui/copy-button.tsx";

const DistributionChart = dynamic(async () => (await import("./watch-charts.tsx")).DistributionChart, {
  ssr: false,
  loading: () => <div className="monitor-waiting" />,
});

/** The bin that adds most to the score, in words. */
function summaryOf({ name, psi, nullBand, bins, count, referenceCount }: Distribution): string {
  const [most] = [...bins].sort((a, b) => b.part - a.part);
  const lead = `${name}: PSI ${score(psi)} of ${formatNumber(count)} values against ${formatNumber(referenceCount)}; chance explains ${score(nullBand)}.`;
  return most === undefined || most.part === 0 ? lead : `${lead} Most comes from ${most.label}: ${percent(most.current)}, was ${percent(most.reference)}.`;
}

/** Two histograms over the same bins: the sentence, the table, then the drawing. */
export function DistributionFigure({ distribution, referenceWord }: { distribution: Distribution; referenceWord: string }) {
  const summary = summaryOf(distribution);
  return (
    <figure className="monitor-chart">
      <figcaption>
        <p className="small">{summary}</p>
      </figcaption>
      <DistributionChart distribution={distribution} referenceWord={referenceWord} summary={summary} />
      <details className="field-more">
        <summary>The drawing as a table, {formatNumber(distribution.bins.length)} rows</summary>
        <div className="chart-tools">
          <CopyButton
            label="Copy as CSV"
            what={`of ${distribution.name}`}
            text={() => csvText(["bin", "referenceShare", "currentShare", "psiPart"], distribution.bins.map((bin) => [bin.label, bin.reference, bin.current, bin.part]))}
          />
        </div>
        <div className="chart-table" tabIndex={0} role="region" aria-label={`Bins of ${distribution.name}`}>
          <table className="table table-compact">
            <thead>
              <tr>
                <th scope="col">Bin</th>
                <th scope="col" className="n">{referenceWord}</th>
                <th scope="col" className="n">Now</th>
                <th scope="col" className="n">Adds to PSI</th>
              </tr>
            </thead>
            <tbody>
              {distribution.bins.map((bin) => (
                <tr key={bin.label}>
                  <th scope="row">{bin.label}</th>
                  <td className="n">{percent(bin.reference)}</td>
                  <td className="n">{percent(bin.current)}</td>
                  <td className="n">{score(bin.part)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
