import { formatMs, formatNumber } from "#lib/client/format-number.ts";
import { percent, rangeWords } from "#lib/client/monitoring-words.ts";
import { roleWord } from "#lib/client/registry-words.ts";
import type { MonitoringView } from "#lib/contracts/views/monitoring-view.ts";
import { Section } from "../ui/section.tsx";

const share = (value: number | null): string => (value === null ? "none" : percent(value));
const number = (value: number | null, digits = 3): string => (value === null ? "none" : formatNumber(value, digits));

/** How good the answers are: estimated without labels, measured with them, by class. */
export function PerformanceSection({ view }: { view: MonitoringView }) {
  const { performance } = view;
  const measured = performance.accuracy === null ? "No label has come in this range." : `${percent(performance.accuracy)} of ${formatNumber(performance.labels)} labelled answers were right (95 % interval ${share(performance.accuracyLow)} to ${share(performance.accuracyHigh)}).`;
  const calibration =
    performance.calibrationLabels === 0
      ? "if a score is the probability it claims to be: there are fewer than 200 labels from before this range to check that"
      : `if scores still mean what ${formatNumber(performance.calibrationLabels)} labels from before this range say they mean`;
  const estimated = performance.estimatedAccuracy === null ? "The model gives no probability of two classes to estimate from." : `Estimated without labels: ${percent(performance.estimatedAccuracy)} ± ${percent(performance.estimatedBand ?? 0)}, ${calibration}.`;
  const rows: readonly (readonly [string, string])[] = [
    ["Labels, share of answers", performance.labelShare === null ? "none" : percent(performance.labelShare)],
    ["Precision, mean of classes", share(performance.macroPrecision)],
    ["Recall, mean of classes", share(performance.macroRecall)],
    ["F1, mean of classes", share(performance.macroF1)],
    ["Area under ROC", number(performance.rocAuc)],
    ["Log loss", number(performance.logLoss)],
    ["Calibration error", number(performance.calibrationError)],
    ...(performance.meanAbsoluteError === null ? [] : ([["Mean absolute error", number(performance.meanAbsoluteError)], ["Root mean square error", number(performance.rootMeanSquareError)]] as const)),
  ];
  return (
    <Section id="performance" title="Performance" caption={`labels and answers of ${rangeWords[view.range]}, joined by prediction id`}>
      <p className="small">{measured} {estimated}</p>
      {performance.hasConceptChanged ? <p className="small"><b>Measured and estimated accuracy differ by more than chance:</b> what the inputs mean for the answer has changed, or the scores are not calibrated.</p> : null}
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {performance.classes.length === 0 ? null : (
        <div className="table-wrap">
          <table className="table table-compact">
            <caption>By true class. A class that was never predicted has no precision; one that never occurred has no recall.</caption>
            <thead>
              <tr>
                <th scope="col">Class</th>
                <th scope="col" className="n">Labels</th>
                <th scope="col" className="n">Precision</th>
                <th scope="col" className="n">Recall</th>
                <th scope="col" className="n">F1</th>
              </tr>
            </thead>
            <tbody>
              {performance.classes.map((one) => (
                <tr key={one.label}>
                  <th scope="row">{one.label}</th>
                  <td className="n">{formatNumber(one.support)}</td>
                  <td className="n">{share(one.precision)}</td>
                  <td className="n">{share(one.recall)}</td>
                  <td className="n">{share(one.f1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

/** Versions side by side over the range: traffic, errors, labels, value. */
export function VersionSection({ view, onShow }: { view: MonitoringView; onShow: (version: string) => void }) {
  return (
    <Section id="versions" title="Versions compared" caption={`over ${rangeWords[view.range]}; value with its standard error`}>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <caption>Outcome values and labels count for the version that made the prediction, and in the window in which they arrived; the runtime keeps a prediction&apos;s place until newer ones push it out.</caption>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col" className="n">Requests</th>
              <th scope="col" className="n">Errors</th>
              <th scope="col" className="n">p95</th>
              <th scope="col" className="n">Right, of labels</th>
              <th scope="col" className="n">Value per outcome</th>
            </tr>
          </thead>
          <tbody>
            {view.versions.map((version) => (
              <tr key={version.versionName} aria-current={version.versionName === view.versionName ? "true" : undefined}>
                <th scope="row" className="first-th">
                  <button type="button" className="row-toggle" aria-pressed={version.versionName === view.versionName} onClick={() => { onShow(version.versionName); }}>{version.versionName}</button>
                  <small>{roleWord(version.role)}</small>
                </th>
                <td className="n" data-label="Requests">{formatNumber(version.requests)}</td>
                <td className="n" data-label="Errors">{version.requests === 0 ? "none" : percent(Math.min(1, version.errors / version.requests), 2)}</td>
                <td className="n" data-label="p95">{version.p95Ms === null ? "none" : formatMs(version.p95Ms)}</td>
                <td className="n" data-label="Right, of labels">{version.labels === 0 ? "no labels" : `${percent(1 - Math.min(1, version.wrong / version.labels))} of ${formatNumber(version.labels)}`}</td>
                <td className="n" data-label="Value per outcome">
                  {version.valueMean === null ? "no outcomes" : `${formatNumber(version.valueMean, 2)}${version.valueError === null ? "" : ` ± ${formatNumber(version.valueError, 2)}`}, ${formatNumber(version.values)} values`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
