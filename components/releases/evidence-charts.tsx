"use client";

import { useEffect, useRef } from "react";
import { formatNumber, formatPercentNumber, formatRatio } from "#lib/client/format-number.ts";
import type { PredictionsView } from "#lib/contracts/views/guard-view.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { limitText } from "../charts/band-text.ts";
import { GuardCharts } from "../charts/guard-charts.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { Section } from "../ui/section.tsx";
import { GuardStatus } from "./guard-overview.tsx";
import { chartFlags, evidenceEndMs, isMoving, stepColumns } from "./release-phase.ts";

/** The evidence over time, one panel a guard. On a phone only the first is open. */
export function EvidenceCharts({ release, now }: { release: ReleaseView; now: string }) {
  const timeZone = useTimeZone();
  const panels = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!window.matchMedia("(max-width: 47.5rem)").matches) return;
    panels.current
      ?.querySelectorAll<HTMLDetailsElement>("details.metric")
      .forEach((panel, index) => {
        panel.open = index === 0;
      });
  }, []);
  if (release.evidenceSince === null || release.guards.length === 0) return null;
  const endMs = evidenceEndMs(release, Date.parse(now));
  const shared = {
    steps: stepColumns(release, endMs),
    flags: chartFlags(release),
    fromMs: Date.parse(release.evidenceSince),
    nowMs: endMs,
    moving: isMoving(release) && release.state !== "ROLLING_BACK",
    timeZone,
    fileStem: `release-${String(release.number)}`,
  };
  return (
    <Section
      id="evidence"
      title="Ratio over time"
      caption="Columns are steps. Numbered flags are entries of the log."
      end={
        <KeyHints
          hints={[{ keys: ["Tab"], does: "to a chart, then arrow keys move the crosshair" }]}
        />
      }
    >
      <div ref={panels}>
        {release.guards.map((guard) => (
          <details className="metric" open key={guard.metric} id={`metric-${guard.metric}`}>
            <summary>
              <h3>{guard.name}</h3>
              <GuardStatus word={guard.word} />
              <span className="say">{guard.summary}</span>
            </summary>
            {guard.ratioSeries.length === 0 ? (
              <p className="small">
                No requests have been counted yet. The band is drawn from the first window on.
              </p>
            ) : (
              <GuardCharts guard={guard} {...shared} />
            )}
          </details>
        ))}
        {release.predictions === null ? null : <ClassesPanel predictions={release.predictions} />}
      </div>
    </Section>
  );
}

function ClassesPanel({ predictions }: { predictions: PredictionsView }) {
  const share = (value: number | null) => (value === null ? "none" : formatPercentNumber(value));
  return (
    <details className="metric" open id="classes">
      <summary>
        <h3>Predicted classes</h3>
        <GuardStatus word={predictions.word} />
        <span className="say">{predictions.summary}</span>
      </summary>
      {predictions.classes.length === 0 ? (
        <p className="small">No answer has named a class yet.</p>
      ) : (
        <div className="table-wrap">
          <table className="table table-compact is-cards classes-table">
            <caption>
              Share of answers, the first of each key. Margin {limitText(predictions.limits)}.
              Honest versions may differ; this guard can only{" "}
              {predictions.action === "hold" ? "ask a person" : "stop the release"}.
            </caption>
            <thead>
              <tr>
                <th scope="col">Class</th>
                <th scope="col" className="n">
                  Stable, %
                </th>
                <th scope="col" className="n">
                  Candidate, %
                </th>
                <th scope="col" className="n">
                  Ratio
                </th>
                <th scope="col" className="n">
                  Stable, answers
                </th>
                <th scope="col" className="n">
                  Candidate, answers
                </th>
              </tr>
            </thead>
            <tbody>
              {predictions.classes.map((row) => (
                <tr key={row.name}>
                  <th scope="row" className="first-th mono">
                    {row.name}
                  </th>
                  <td className="n" data-label="Stable, %">
                    {share(row.stableShare)}
                  </td>
                  <td className="n cand" data-label="Candidate, %">
                    {share(row.candidateShare)}
                  </td>
                  <td className="n" data-label="Ratio">
                    <b>{row.ratio === null ? "none" : formatRatio(row.ratio)}</b>
                  </td>
                  <td className="n" data-label="Stable">
                    {formatNumber(row.stable)}
                  </td>
                  <td className="n" data-label="Candidate">
                    {formatNumber(row.candidate)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
