"use client";

import { Fragment } from "react";
import { csvText } from "#lib/client/csv.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { featureWord, percent, score } from "#lib/client/monitoring-words.ts";
import type { Comparison, Distribution, FeatureRow } from "#lib/contracts/views/monitoring-view.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Status } from "../ui/status.tsx";
import { DistributionFigure } from "./distribution-figure.tsx";

type Props = {
  readonly features: readonly FeatureRow[];
  readonly against: Comparison;
  readonly open: string | null;
  readonly distribution: Distribution | null;
  readonly onOpen: (name: string | null) => void;
};

/** Features, past a limit first and then by what exceeds chance. A row opens to its two histograms. */
export function FeatureTable({ features, against, open, distribution, onOpen }: Props) {
  return (
    <>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <caption>
            PSI by bins fixed before the first window, 0.5 added to each. The band is what chance alone reaches in one of a hundred windows of this size;
            a verdict needs both the effect and its significance over all features (false-discovery rate 1&nbsp;%).
          </caption>
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col" className="n" aria-sort={against === "training" ? "descending" : undefined}>PSI, training</th>
              <th scope="col" className="n">Chance up to</th>
              <th scope="col" className="n">Same hour, 4 weeks</th>
              <th scope="col" className="n">Hour before</th>
              <th scope="col" className="n">Nulls</th>
              <th scope="col" className="n">Never seen</th>
              <th scope="col">Last windows</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {features.map((feature) => (
              <Fragment key={feature.name}>
                <Row feature={feature} isOpen={open === feature.name} onOpen={onOpen} />
                {open === feature.name ? (
                  <tr className="row-detail">
                    <td colSpan={9}>
                      <Detail feature={feature} distribution={distribution?.name === feature.name ? distribution : null} />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      <div className="chart-tools">
        <CopyButton label="Copy as CSV" what="of the features" text={() => csvOf(features)} />
      </div>
    </>
  );
}

function Row({ feature, isOpen, onOpen }: { feature: FeatureRow; isOpen: boolean; onOpen: Props["onOpen"] }) {
  const { shape, word } = featureWord(feature);
  const known = feature.trend.filter((value): value is number => value !== null);
  return (
    <tr>
      <th scope="row" className="first-th">
        <button type="button" className="row-toggle" aria-expanded={isOpen} onClick={() => { onOpen(isOpen ? null : feature.name); }}>
          {feature.name}
        </button>
        <small>{feature.kind === "numeric" ? "number" : "category"}, {formatNumber(feature.count)} values</small>
      </th>
      <td className="n" data-label="PSI, training">{score(feature.psi)}</td>
      <td className="n" data-label="Chance up to">{score(feature.nullBand)}</td>
      <td className="n" data-label="Same hour, 4 weeks">{score(feature.sameHour)}</td>
      <td className="n" data-label="Hour before">{score(feature.hourBefore)}</td>
      <td className="n" data-label="Nulls"><Change change={feature.missing} /></td>
      <td className="n" data-label="Never seen"><Change change={feature.outside} /></td>
      <td data-label="Last windows">
        {known.length < 2 ? (
          <span className="muted">none</span>
        ) : (
          <Sparkline values={known} summary={`PSI of ${feature.name} over ${String(known.length)} windows: from ${score(known[0] ?? null)} to ${score(known.at(-1) ?? null)}, largest ${score(Math.max(...known))}.`} />
        )}
      </td>
      <td className="v-cell"><Status shape={shape}>{word}</Status></td>
    </tr>
  );
}

function Change({ change }: { change: FeatureRow["missing"] }) {
  if (change === null) return <span className="muted">none</span>;
  return (
    <>
      {percent(change.current)}
      <small>was {percent(change.reference)}</small>
    </>
  );
}

function Detail({ feature, distribution }: { feature: FeatureRow; distribution: Distribution | null }) {
  const facts: readonly (readonly [string, string])[] = [
    ["Excess over chance", score(feature.excess)],
    ["Jensen-Shannon, base 2", score(feature.jensenShannon)],
    ...(feature.kind === "numeric"
      ? ([["Kolmogorov-Smirnov", score(feature.kolmogorovSmirnov)], ["Wasserstein, in standard deviations", score(feature.wasserstein)]] as const)
      : ([["Largest difference of a share", score(feature.largestDifference)]] as const)),
    ["p, adjusted over all features", feature.adjustedP === null ? "none" : feature.adjustedP < 0.0001 ? "below 0.0001" : formatNumber(feature.adjustedP, 4)],
    ["Values needed for a verdict", feature.minimumCount === null ? "the baseline is too small for any" : formatNumber(feature.minimumCount)],
  ];
  return (
    <div className="drift-detail">
      {distribution === null ? <p className="small" role="status">Reading the two distributions.</p> : <DistributionFigure distribution={distribution} referenceWord="Baseline" />}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const csvOf = (features: readonly FeatureRow[]): string =>
  csvText(
    ["feature", "kind", "verdict", "count", "psi", "nullBand", "excess", "jensenShannon", "kolmogorovSmirnov", "wasserstein", "largestDifference", "adjustedP", "nullsBefore", "nullsNow", "outsideBefore", "outsideNow", "psiSameHour", "psiHourBefore"],
    features.map((f) => [f.name, f.kind, f.verdict, f.count, f.psi, f.nullBand, f.excess, f.jensenShannon, f.kolmogorovSmirnov, f.wasserstein, f.largestDifference, f.adjustedP, f.missing?.reference ?? null, f.missing?.current ?? null, f.outside?.reference ?? null, f.outside?.current ?? null, f.sameHour, f.hourBefore]),
  );
