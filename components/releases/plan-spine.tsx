"use client";

import type { ReactNode } from "react";

import { formatNumber, formatWeight } from "#lib/client/format-number.ts";
import { formatDuration, secondsBetween } from "#lib/client/format-time.ts";
import { guardStatus, releaseStatus } from "#lib/client/release-status.ts";
import type { StepView } from "#lib/contracts/views/release-parts.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { guardCounts, isMoving, stepProgress } from "./release-phase.ts";

/** The plan as draught marks: done steps with what was known when they ended, the present one filling, the rest in words. */
export function PlanSpine({ release, now }: { release: ReleaseView; now: string }) {
  const count = release.steps.length;
  return (
    <Section
      id="plan"
      title="Plan"
      bare
      caption={`${release.strategy}, ${String(count)} steps, ${release.policyName}`}
    >
      <ol className="spine" aria-label={`Plan, ${String(count)} steps and promotion`}>
        {release.steps.map((step) => (
          <Step key={step.index} step={step} release={release} now={now} />
        ))}
        <PromotionStep release={release} now={now} />
      </ol>
    </Section>
  );
}

function Step({ step, release, now }: { step: StepView; release: ReleaseView; now: string }) {
  const isNow = step.phase === "now" && isMoving(release);
  const className = step.phase === "now" && !isNow ? "is-done" : `is-${step.phase}`;
  return (
    <li
      className={`spine-step ${className}`}
      id={`step-${String(step.index + 1)}`}
      aria-current={isNow ? "step" : undefined}
    >
      <Weight weightBp={step.weightBp} />
      <span className="spine-mark">
        {isNow ? (
          <span
            className="spine-fill"
            style={{ height: `${(stepProgress(step, Date.parse(now)) * 100).toFixed(0)}%` }}
          />
        ) : null}
      </span>
      <div>
        <div className="spine-title">
          Step {step.index + 1}
          {step.phase === "done" ? <span className="muted">done</span> : null}
          {isNow ? <StepState release={release} now={now} /> : null}
        </div>
        <div className="spine-body">
          {step.phase === "next" ? (
            <span>{step.ruleText}</span>
          ) : isNow ? (
            <Running step={step} release={release} now={now} />
          ) : (
            <Ended step={step} now={now} />
          )}
        </div>
      </div>
    </li>
  );
}

function Weight({ weightBp }: { weightBp: number }) {
  const [number, unit] = formatWeight(weightBp).split("\u00a0");
  return (
    <span className="spine-weight">
      {number}
      <span className="unit">&nbsp;{unit}</span>
    </span>
  );
}

function StepState({ release, now }: { release: ReleaseView; now: string }) {
  const { shape, word } = releaseStatus(release.state);
  return (
    <Status shape={shape}>
      {word} {formatDuration(secondsBetween(release.stateSince, now))}
    </Status>
  );
}

function Row({ label, value }: { label: ReactNode; value: ReactNode }) {
  return (
    <span className="row">
      <span>{label}</span>
      <b>{value}</b>
    </span>
  );
}

function Running({ step, release, now }: { step: StepView; release: ReleaseView; now: string }) {
  const since = step.startedAt ?? release.stateSince;
  const ran = secondsBetween(since, now);
  const left = step.dwellSeconds - ran;
  return (
    <>
      <Row
        label={
          <>
            Since <Instant at={since} now={now} clockOnly />
          </>
        }
        value={formatDuration(ran)}
      />
      <Row
        label={`Minimum ${formatDuration(step.dwellSeconds)}`}
        value={left > 0 ? `${formatDuration(Math.ceil(left))} left` : "reached"}
      />
      <Row
        label={`Candidate ${unitWord(release)}`}
        value={`${formatNumber(step.candidateUnits)} of ${formatNumber(step.minUnits)}`}
      />
      <Row label="Guards" value={guardCounts(release.guards.map((guard) => guard.word))} />
      <span>{step.ruleText}</span>
    </>
  );
}

function unitWord(release: ReleaseView): string {
  return release.guards.find((guard) => guard.unitWord !== "labels")?.unitWord ?? "requests";
}

function Ended({ step, now }: { step: StepView; now: string }) {
  const { snapshot, startedAt, endedAt } = step;
  return (
    <>
      {startedAt !== null && endedAt !== null ? (
        <Row
          label={
            <>
              <Instant at={startedAt} now={now} clockOnly /> to{" "}
              <Instant at={endedAt} now={now} clockOnly />
            </>
          }
          value={formatDuration(secondsBetween(startedAt, endedAt))}
        />
      ) : null}
      <Row
        label="Candidate units"
        value={`${formatNumber(snapshot?.candidateUnits ?? step.candidateUnits)} of ${formatNumber(step.minUnits)}`}
      />
      {snapshot === null ? null : (
        <>
          <Row label="Guards" value={guardCounts(snapshot.guards.map((guard) => guard.word))} />
          <span>{snapshot.advancedBecause}</span>
          <details className="spine-snapshot">
            <summary>What was known then</summary>
            <ul>
              {snapshot.guards.map((guard) => (
                <li key={guard.name}>
                  <Status shape={guardStatus(guard.word).shape}>{guard.name}</Status> {guard.text}
                </li>
              ))}
              <li className="caption">
                Decided <Instant at={snapshot.at} now={now} />, counts{" "}
                <span className="digest">{snapshot.countsSha256.slice(0, 12)}</span>
              </li>
            </ul>
          </details>
        </>
      )}
    </>
  );
}

function PromotionStep({ release, now }: { release: ReleaseView; now: string }) {
  const { bake, state, stable } = release;
  const isNow = state === "PROMOTING" || state === "BAKING";
  const isDone = state === "COMPLETED";
  const ran = bake.startedAt === null ? 0 : secondsBetween(bake.startedAt, now);
  const share = bake.seconds > 0 ? Math.min(ran / bake.seconds, 1) : 1;
  return (
    <li
      className={`spine-step ${isDone ? "is-done" : isNow ? "is-now" : "is-next"}`}
      aria-current={isNow ? "step" : undefined}
    >
      <Weight weightBp={10_000} />
      <span className="spine-mark">
        {isNow ? (
          <span className="spine-fill" style={{ height: `${(share * 100).toFixed(0)}%` }} />
        ) : null}
      </span>
      <div>
        <div className="spine-title">
          Promotion
          {isDone ? <span className="muted">done</span> : null}
          {isNow ? <StepState release={release} now={now} /> : null}
        </div>
        <div className="spine-body">
          {isNow && bake.endsAt !== null ? (
            <Row
              label={`Bake ${formatDuration(bake.seconds)}`}
              value={
                <>
                  until <Instant at={bake.endsAt} now={now} clockOnly />
                </>
              }
            />
          ) : (
            <span>
              By relabelling, then bake {formatDuration(bake.seconds)}; {stable.versionName} stays
              loaded until it ends
            </span>
          )}
        </div>
      </div>
    </li>
  );
}
