"use client";

import {
  formatNumber,
  formatPercentNumber,
  formatRatio,
  formatSigned,
  formatWeight,
} from "#lib/client/format-number.ts";
import { guardStatus } from "#lib/client/release-status.ts";
import type { ArmRate, GuardView, PredictionsView } from "#lib/contracts/views/guard-view.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { bandText, limitText } from "../charts/band-text.ts";
import { RatioGauge } from "../charts/ratio-gauge.tsx";
import { Instant } from "../shell/instant.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

/** Gauges above the table of the same numbers: how near each limit is, worst first. */
export function GuardOverview({ release, now }: { release: ReleaseView; now: string }) {
  return (
    <Section
      id="guards"
      title="Guards"
      bare
      caption="L limit, thick rule measured, hatching its band; 1 is equal to stable"
    >
      {release.guards.length === 0 ? (
        <p className="small">
          {release.evidenceSince === null
            ? "Nothing is compared yet: the guards begin to count with the first step."
            : "This plan has no guards: nothing is compared, and nothing can prove the candidate safe."}
        </p>
      ) : (
        <>
          <div className="gauges">
            {release.guards.map((guard) => (
              <div className="gauge" key={guard.metric}>
                <span className="gauge-name">{guard.name}</span>
                <GuardStatus word={guard.word} />
                <RatioGauge name={guard.name} band={guard.band} limits={guard.limits} />
              </div>
            ))}
          </div>
          <VerdictTable release={release} now={now} />
          <DecidedNote release={release} now={now} />
        </>
      )}
      <TrafficLine release={release} now={now} />
      <details className="how" open={release.guards.length === 0}>
        <summary>How it decides</summary>
        {release.howItDecides.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </details>
    </Section>
  );
}

/** Once decided: these are the numbers of the decision, and what came after it stands beside them. */
function DecidedNote({ release, now }: { release: ReleaseView; now: string }) {
  const { decided } = release;
  if (decided === null) return null;
  return (
    <p className="caption" id="decided">
      {decided.text} Decided <Instant at={decided.at} now={now} />, counts{" "}
      <span className="digest" title={decided.countsSha256}>
        {decided.countsSha256.slice(0, 8)}
      </span>
      .{decided.later === null ? null : <> Since then: {decided.later}</>}
    </p>
  );
}

export function GuardStatus({ word }: { word: GuardView["word"] }) {
  const status = guardStatus(word);
  return <Status shape={status.shape}>{status.word}</Status>;
}

function VerdictTable({ release, now }: { release: ReleaseView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table is-cards" id="verdicts">
        <caption>
          {release.evidenceSince === null ? (
            "Nothing counted yet: evidence begins with the first step."
          ) : (
            <>
              Since step 1 began, <Instant at={release.evidenceSince} now={now} />. Worst first.{" "}
              <span className="hide-phone">
                Small numbers are events, and under Ratio the difference; under Requests, stable
                above candidate.
              </span>
            </>
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" className="n">
              Stable
            </th>
            <th scope="col" className="n">
              Candidate
            </th>
            <th scope="col" className="n">
              Ratio
            </th>
            <th scope="col" className="n">
              Band
            </th>
            <th scope="col" className="n">
              Limit
            </th>
            <th scope="col" className="n">
              Requests
            </th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {release.guards.map((guard) => (
            <GuardRow
              key={guard.metric}
              guard={guard}
              isCause={guard.word === "HARM" || (guard.provesSafe && guard.word === "UNDECIDED")}
            />
          ))}
          {release.predictions === null ? null : (
            <PredictionsRow predictions={release.predictions} />
          )}
        </tbody>
      </table>
    </div>
  );
}

function GuardRow({ guard, isCause }: { guard: GuardView; isCause: boolean }) {
  return (
    <tr className={isCause ? "is-focus" : undefined}>
      <th scope="row" className="first-th">
        {guard.name} <small>{guard.unitNote}</small>
      </th>
      <td className="n" data-label="Stable">
        <Rate arm={guard.stable} ms={guard.latencyMs?.stable ?? null} />
      </td>
      <td className="n cand" data-label="Candidate">
        <Rate arm={guard.candidate} ms={guard.latencyMs?.candidate ?? null} />
      </td>
      <td className="n" data-label="Ratio">
        <b>{guard.band.estimate === null ? "none" : formatRatio(guard.band.estimate)}</b>
        <small>{differenceText(guard)}</small>
      </td>
      <td className="n" data-label="Band">
        {bandText(guard.band)}
      </td>
      <td className="n" data-label="Limit">
        {limitText(guard.limits)}
        {guard.ceiling === null ? null : (
          <small>or under {formatPercentNumber(guard.ceiling.limit)}&nbsp;%</small>
        )}
      </td>
      <td className="n" data-label={guard.unitWord === "labels" ? "Labels" : "Requests"}>
        {formatNumber(guard.stable.of)}
        <small>{formatNumber(guard.candidate.of)}</small>
      </td>
      <td className="v-cell">
        <GuardStatus word={guard.word} />
        {guard.provesSafe ? null : <small>stops only</small>}
        {guard.provenBy === "ceiling" ? <small>by the ceiling</small> : null}
      </td>
    </tr>
  );
}

/** The rate in percent, events below; a latency guard shows the measured quantile below instead. */
function Rate({ arm, ms }: { arm: ArmRate; ms: number | null }) {
  if (arm.rate === null) return <span className="muted">none</span>;
  return (
    <>
      {formatPercentNumber(arm.rate)}
      <small>
        {ms === null ? formatNumber(arm.bad) : `${formatNumber(ms, ms < 10 ? 2 : 1)} ms`}
      </small>
    </>
  );
}

function differenceText(guard: GuardView): string {
  const { latencyMs } = guard;
  if (latencyMs !== null && latencyMs.stable !== null && latencyMs.candidate !== null) {
    const difference = latencyMs.candidate - latencyMs.stable;
    return `${formatSigned(difference, Math.abs(difference) < 10 ? 2 : 1)} ms`;
  }
  return guard.differencePoints === null ? "" : `${formatSigned(guard.differencePoints, 2)} pt`;
}

function PredictionsRow({ predictions }: { predictions: PredictionsView }) {
  return (
    <tr>
      <th scope="row" className="first-th">
        Predicted classes <small>% of answers, first per key</small>
      </th>
      <td className="wide" colSpan={6}>
        {predictions.summary} Margin {limitText(predictions.limits)};{" "}
        {predictions.action === "hold"
          ? "past it a person decides"
          : "past it the release rolls back"}
        . <a href="#classes">All {predictions.classes.length} classes</a>
      </td>
      <td className="v-cell">
        <GuardStatus word={predictions.word} />
      </td>
    </tr>
  );
}

function TrafficLine({ release, now }: { release: ReleaseView; now: string }) {
  const { traffic, wait } = release;
  const next = wait?.nextCheckAt ?? null;
  if (traffic === null) return null;
  const observed =
    traffic.observedBp === null
      ? "nothing observed yet"
      : `observed ${formatWeight(traffic.observedBp)}`;
  return (
    <p className="caption traffic">
      Traffic at this step: planned {formatWeight(traffic.plannedBp)}, {observed} (
      {formatNumber(traffic.candidateRequests)} of {formatNumber(traffic.totalRequests)}),{" "}
      {traffic.mismatch ? <b>the split does not match the plan</b> : "no mismatch"}.{" "}
      {traffic.requestsPerSecond === null
        ? ""
        : `${formatNumber(traffic.requestsPerSecond, traffic.requestsPerSecond < 10 ? 1 : 0)} requests/s. `}
      {next === null ? null : (
        <>
          Next check <Instant at={next} now={now} />.
        </>
      )}
    </p>
  );
}
