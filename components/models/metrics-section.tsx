"use client";

import Link from "next/link";
import { useState } from "react";
import { evaluationPath, evaluationsPath } from "#lib/client/evaluation-queries.ts";
import { metricNumber, metricTitle } from "#lib/client/metric-words.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import type { MetricSeries, VersionView } from "#lib/contracts/views/version-view.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { MetricMultiple } from "./metric-multiple.tsx";

/** Figures on held-out rows over versions: one small drawing a metric, and the same as a table. */
export function MetricsSection({ version }: { version: VersionView }) {
  const [asTable, setAsTable] = useState(false);
  const { evaluation, metrics } = version;
  const evaluate = (
    <ButtonLink small href={evaluationsPath(version.modelName, version.versionName)}>
      Evaluations
    </ButtonLink>
  );
  if (evaluation === null) {
    return (
      <Section id="metrics" title="Metrics over versions" end={evaluate}>
        <p className="small">
          No figures are known of this version.{" "}
          <Link href={evaluationsPath(version.modelName, version.versionName)} prefetch={false}>
            Evaluate it on held-out rows
          </Link>
          : a runtime runs it over a CSV or Parquet file with the true values. Or send{" "}
          <code>evaluation.json</code> with the next version: data set, number of rows, and each
          metric with its interval, as training measured them.
        </p>
      </Section>
    );
  }
  const from =
    evaluation.ranBySlipway === null ? (
      "stated by who registered it"
    ) : (
      <>
        run by Slipway in{" "}
        <Link href={evaluationPath(version.modelName, version.versionName, evaluation.ranBySlipway)} prefetch={false}>
          evaluation {evaluation.ranBySlipway}
        </Link>
      </>
    );
  const others = metrics.some(({ points }) => points.some(({ sameData }) => !sameData));
  return (
    <Section
      id="metrics"
      title="Metrics over versions"
      caption={
        <>
          {`${formatNumber(evaluation.rows)} held-out rows of ${evaluation.dataset}; ring earlier, square ${version.versionName}${others ? "; crossed rings are measured on other rows and not joined" : ""}; `}
          {from}
        </>
      }
      end={
        <>
        {evaluate}{" "}
        <Button
          variant="quiet"
          small
          aria-pressed={asTable}
          onClick={() => {
            setAsTable(!asTable);
          }}
        >
          {asTable ? "View as drawings" : "View as table"}
        </Button>
        </>
      }
    >
      {asTable ? (
        <MetricsTable metrics={metrics} />
      ) : (
        <div className="multiples">
          {metrics.map((series) => (
            <MetricMultiple key={series.name} series={series} />
          ))}
        </div>
      )}
    </Section>
  );
}

function MetricsTable({ metrics }: { metrics: readonly MetricSeries[] }) {
  const names = [
    ...new Set(metrics.flatMap(({ points }) => points.map((point) => point.versionName))),
  ];
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>Value and 95 % interval. An asterisk: measured on other rows.</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {names.map((name) => (
              <th scope="col" className="n" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ name, points }) => (
            <tr key={name}>
              <th scope="row">{metricTitle(name)}</th>
              {names.map((version) => {
                const point = points.find(({ versionName }) => versionName === version);
                return (
                  <td className="n" key={version}>
                    {point === undefined ? (
                      <span className="muted">not known</span>
                    ) : (
                      <>
                        {metricNumber(point.value)}
                        {point.sameData ? "" : "*"}
                        {point.low === null || point.high === null ? null : (
                          <small>
                            {metricNumber(point.low)} to {metricNumber(point.high)}
                          </small>
                        )}
                      </>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
