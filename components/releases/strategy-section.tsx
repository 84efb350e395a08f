"use client";

import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import type { TriggerView } from "#lib/contracts/views/strategy-view.ts";
import { Instant } from "../shell/instant.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { PairedSection } from "./paired-section.tsx";

/** What the strategy adds to steps and guards: how it works and how one goes back, preview, outcome, triggers, drill. */
export function StrategySection({ release, now }: { release: ReleaseView; now: string }) {
  const { byStrategy } = release;
  return (
    <>
      <Section id="strategy" title={byStrategy.label} caption="the strategy, and the way back">
        <p className="lede">
          {byStrategy.explanation} <b>Going back:</b> {byStrategy.wayBack}
        </p>
        <Notes release={release} now={now} />
        <Preview release={release} />
      </Section>
      <DrillSection release={release} />
      <PairedSection release={release} />
      <OutcomeSection release={release} />
      <TriggersSection triggers={byStrategy.triggers} />
    </>
  );
}

function Notes({ release, now }: { release: ReleaseView; now: string }) {
  const { byStrategy, dependents, planDifferences } = release;
  const others = dependents
    .map(
      ({ endpointName, environmentName, versionName }) =>
        `${endpointName} (${environmentName}, ${versionName})`,
    )
    .join(", ");
  return (
    <>
      {byStrategy.scheduledAt === null ? null : (
        <p className="small">
          Scheduled: not before <Instant at={byStrategy.scheduledAt} now={now} />.
        </p>
      )}
      {byStrategy.freeze === null ? null : (
        <p className="small">
          Change freeze “{byStrategy.freeze.name}” until{" "}
          <Instant at={byStrategy.freeze.until} now={now} />: nothing new starts or gets more
          traffic. Rolling back stays possible.
        </p>
      )}
      {dependents.length === 0 ? null : (
        <p className="small">
          Not moved by this release, though they serve the same model: {others}.
        </p>
      )}
      {planDifferences.length === 0 ? null : (
        <details className="how">
          <summary>
            {planDifferences.length} place{planDifferences.length === 1 ? "" : "s"} in which the
            plan differs from the one {release.environmentName} gives for this strategy
          </summary>
          <div className="table-wrap">
            <table className="table table-compact is-cards">
              <thead>
                <tr>
                  <th scope="col">Place</th>
                  <th scope="col">Usual here</th>
                  <th scope="col">In this plan</th>
                </tr>
              </thead>
              <tbody>
                {planDifferences.map((row) => (
                  <tr key={row.place}>
                    <th scope="row" className="first-th">
                      {row.place}
                    </th>
                    <td data-label="Usual here" className="mono">
                      {row.usual}
                    </td>
                    <td data-label="In this plan" className="mono">
                      {row.here}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </>
  );
}

function Preview({ release }: { release: ReleaseView }) {
  const { preview } = release.byStrategy;
  if (preview === null) return null;
  const { smokeTest } = preview;
  const passed = smokeTest !== null && smokeTest.passed === smokeTest.total;
  return (
    <div id="preview">
      <p className="small">
        <Status shape={smokeTest === null ? "running" : passed ? "passed" : "failed"}>
          {smokeTest === null
            ? "Smoke test running"
            : `${String(smokeTest.passed)} of ${String(smokeTest.total)} golden inputs answered as expected`}
        </Status>{" "}
        A request to {release.endpointName} with this header is answered by{" "}
        {release.candidate.versionName} and left out of every count:
      </p>
      <CodeBlock title="Preview header" code={`${preview.header}: ${preview.value}`} />
    </div>
  );
}

const OUTCOME_STATUS = {
  BETTER: { shape: "passed", word: "Proven better" },
  WORSE: { shape: "failed", word: "Proven worse" },
  UNDECIDED: { shape: "undecided", word: "Undecided" },
  NO_DATA: { shape: "no-data", word: "No data" },
} as const;

function OutcomeSection({ release }: { release: ReleaseView }) {
  const { outcome } = release.byStrategy;
  if (outcome === null) return null;
  const { shape, word } = OUTCOME_STATUS[outcome.word];
  const show = (value: number | null) =>
    value === null ? "none" : String(Number(value.toPrecision(4)));
  const name = outcome.metric === "value" ? "Mean value" : "Wrong labels, share";
  return (
    <Section id="outcome" title="Outcome" caption="what decides this release">
      <p className="lede">{outcome.summary}</p>
      <div className="table-wrap">
        <table className="table is-cards">
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" className="n">
                {outcome.metric === "value" ? "Values" : "Labels"}
              </th>
              <th scope="col" className="n">
                {name}
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {(["stable", "candidate"] as const).map((arm) => (
              <tr key={arm}>
                <th scope="row" className="first-th">
                  {arm === "stable"
                    ? `Stable ${release.stable.versionName}`
                    : `Candidate ${release.candidate.versionName}`}
                </th>
                <td className="n" data-label="Number">
                  {outcome[arm].n.toLocaleString("en")}
                </td>
                <td className="n" data-label={name}>
                  {show(outcome[arm].mean)}
                </td>
                <td className="v-cell">
                  {arm === "candidate" ? <Status shape={shape}>{word}</Status> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

const TRIGGER_STATUS = {
  FIRED: { shape: "failed", word: "Fired" },
  QUIET: { shape: "passed", word: "Quiet" },
  NO_DATA: { shape: "no-data", word: "No data" },
} as const;

function TriggersSection({ triggers }: { triggers: readonly TriggerView[] }) {
  if (triggers.length === 0) return null;
  return (
    <Section
      id="triggers"
      title="Triggers declared in advance"
      caption="plain thresholds on the candidate alone, frozen with the plan"
    >
      <div className="table-wrap">
        <table className="table is-cards">
          <caption>
            How often each would have fired on stable&apos;s own past, before it is trusted with
            this release.
          </caption>
          <thead>
            <tr>
              <th scope="col">Trigger</th>
              <th scope="col">Then</th>
              <th scope="col" className="n">
                Latest
              </th>
              <th scope="col">On stable&apos;s past</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {triggers.map((trigger) => (
              <tr key={trigger.text}>
                <th scope="row" className="first-th">
                  {trigger.text}
                </th>
                <td data-label="Then">
                  {trigger.action === "roll_back" ? "rolls back" : "asks a person"}
                </td>
                <td className="n" data-label="Latest">
                  {trigger.latest ?? "none"}
                </td>
                <td data-label="On stable's past">{pastText(trigger)}</td>
                <td className="v-cell">
                  <Status shape={TRIGGER_STATUS[trigger.word].shape}>
                    {TRIGGER_STATUS[trigger.word].word}
                  </Status>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** Said as it is: no interval that counted is not the same as never fired. */
function pastText({ backTest }: TriggerView): string {
  const { firings, intervals, hours } = backTest;
  if (intervals === 0) return "nothing to test it on";
  const times = firings === 0 ? "never" : firings === 1 ? "once" : `${String(firings)} times`;
  return `${times} in ${String(hours)} h, ${intervals.toLocaleString("en")} intervals`;
}

function DrillSection({ release }: { release: ReleaseView }) {
  const { drill } = release.byStrategy;
  if (drill === null) return null;
  const seconds = (ms: number | null) => (ms === null ? "not yet" : `${(ms / 1000).toFixed(2)} s`);
  return (
    <Section
      id="drill"
      title="Rollback drill"
      caption="a release that is meant to fail"
      end={
        <Status shape={drill.passed === null ? "running" : drill.passed ? "passed" : "failed"}>
          {drill.passed === null ? "Running" : drill.passed ? "Passed" : "Failed"}
        </Status>
      }
    >
      <p className="lede">{drill.summary}</p>
      <dl className="facts">
        <div>
          <dt>Fault</dt>
          <dd>{drill.fault}</dd>
        </div>
        <div>
          <dt>Found after</dt>
          <dd>{seconds(drill.detectedMs)}</dd>
        </div>
        <div>
          <dt>Restored after another</dt>
          <dd>{seconds(drill.restoredMs)}</dd>
        </div>
        <div>
          <dt>Objective</dt>
          <dd>{drill.objectiveSeconds} s</dd>
        </div>
      </dl>
    </Section>
  );
}
