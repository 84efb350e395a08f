"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { batchChangeQuery } from "#lib/client/batch-queries.ts";
import { batchJobPath, changeStatus } from "#lib/client/batch-words.ts";
import { formatNumber, formatShare, formatTimes } from "#lib/client/format-number.ts";
import { endpointPath } from "#lib/client/registry-words.ts";
import type { BatchChangeView } from "#lib/contracts/views/batch-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Digest } from "../ui/digest.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { JobProgress } from "./job-progress.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";

/** A version proposed for a batch endpoint: what would differ, who has approved, and the way back. */
export function BatchChangePage({ initial }: { initial: BatchChangeView }) {
  const { data: view } = useQuery({ ...batchChangeQuery(initial.change.number), initialData: initial });
  const now = useServerNow(view.asOf);
  const { change, difference } = view;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: "/batch", label: "Batch jobs" }, { label: `Change ${String(change.number)}` }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} />
      {difference === null ? (
        <section className="section section-first" aria-labelledby="comparing">
          <h2 id="comparing">Comparison</h2>
          <JobProgress job={view.job} />
        </section>
      ) : (
        <DifferenceSection view={view} difference={difference} />
      )}
      <Section id="approvals" title="Approvals" caption={`${formatNumber(view.approvals.length)} of ${formatNumber(view.approvalsRequired)}`}>
        {view.approvals.length === 0 ? (
          <p className="small">Nobody has approved it. An approval is bound to the digest of this comparison.</p>
        ) : (
          <ul className="plain-list">
            {view.approvals.map(({ name, reason, at }) => (
              <li key={at}>
                <b>{name}</b>, <Instant at={at} now={now} />: {reason}
              </li>
            ))}
          </ul>
        )}
        {view.reason === null ? null : <p className="small">Decided: {view.reason}</p>}
      </Section>
    </>
  );
}

function Head({ view }: { view: BatchChangeView }) {
  const { change, digest } = view;
  const status = changeStatus(change.state);
  const at = `/api/v1/batch/changes/${String(change.number)}`;
  const why = view.mayDecide.open ? null : view.mayDecide.closedBecause;
  return (
    <div className="page-head">
      <div>
        <h1>
          {change.fromVersionName} to {change.toVersionName}{" "}
          <Status shape={status.shape} tint big>
            {status.word}
          </Status>
        </h1>
        <p className="sub">
          {change.modelName} on{" "}
          <Link href={endpointPath(change.endpointName)} prefetch={false}>
            {change.endpointName}
          </Link>{" "}
          in {change.environmentName}, proposed by {change.authorName}
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          {change.state === "awaiting_approval" ? (
            <>
              <ReasonAct variant="primary" label="Approve" title={`Approve ${change.toVersionName} for ${change.endpointName}`} topics={["batch"]} path={`${at}/approve`} body={{ digest }} closedBecause={why}>
                You sign that you have seen this difference and accept it. With enough approvals the next job uses {change.toVersionName}.
              </ReasonAct>
              <ReasonAct label="Reject" title={`Reject ${change.toVersionName}`} topics={["batch"]} path={`${at}/reject`} body={{ digest }} closedBecause={why}>
                Jobs go on using {change.fromVersionName}.
              </ReasonAct>
            </>
          ) : null}
          {view.mayWithdraw.open ? (
            <ReasonAct label="Withdraw" title="Withdraw the proposal" topics={["batch"]} path={`${at}/withdraw`}>
              Its comparison is cancelled if it still runs.
            </ReasonAct>
          ) : null}
          {view.mayRevert.open ? (
            <ReasonAct variant="danger" label={`Back to ${change.fromVersionName}`} title={`Go back to ${change.fromVersionName}`} topics={["batch"]} path={`${at}/revert`}>
              The next job uses {change.fromVersionName} again. Outputs are not touched; make an earlier one current on its job&rsquo;s page.
            </ReasonAct>
          ) : null}
        </div>
        {change.state === "awaiting_approval" && why !== null ? <p className="caption closed-note">{why}</p> : null}
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
      </div>
    </div>
  );
}

type Difference = NonNullable<BatchChangeView["difference"]>;

function DifferenceSection({ view, difference }: { view: BatchChangeView; difference: Difference }) {
  const { tally, otherClass, newlyUnanswered, timeRatio } = difference;
  const { fromVersionName: from, toVersionName: to } = view.change;
  const moves = Object.entries(tally.moves).sort(([, a], [, b]) => b - a);
  const classes = [...new Set([...Object.keys(tally.currentClasses), ...Object.keys(tally.newClasses)])].sort();
  return (
    <Section id="difference" title="What differs" caption={`${formatNumber(tally.rows)} rows, spread over the input, answered by both`}>
      <Facts
        facts={[
          {
            label: "Another class",
            value: otherClass === null ? "No output names a class." : `${formatShare(otherClass.share)} of rows; 95 % interval ${formatShare(otherClass.low)} to ${formatShare(otherClass.high)}`,
          },
          { label: "Lose their answer", value: `${formatNumber(tally.onlyCurrentAnswered)} rows, ${formatShare(newlyUnanswered.share)}` },
          { label: "Gain an answer", value: `${formatNumber(tally.onlyNewAnswered)} rows` },
          { label: "Time in the model", value: timeRatio === null ? "not measured" : `${formatTimes(timeRatio)} that of ${from}` },
          {
            label: "Row by row",
            value: (
              <>
                <a href={`/api/v1/batch/jobs/${String(view.job.number)}/output`} download>
                  Download both answers
                </a>{" "}
                or open{" "}
                <Link href={batchJobPath(view.job.number)} prefetch={false}>
                  job {view.job.number}
                </Link>
              </>
            ),
          },
          ...(view.digest === null ? [] : [{ label: "Digest", value: <Digest value={view.digest} /> }]),
        ]}
      />
      {classes.length === 0 ? null : (
        <div className="table-wrap">
          <table className="table table-compact">
            <caption>Rows by class.</caption>
            <thead>
              <tr>
                <th scope="col">Class</th>
                <th scope="col" className="n">
                  {from}
                </th>
                <th scope="col" className="n">
                  {to}
                </th>
              </tr>
            </thead>
            <tbody>
              {classes.map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className="n">{formatNumber(tally.currentClasses[name] ?? 0)}</td>
                  <td className="n">{formatNumber(tally.newClasses[name] ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {moves.length === 0 ? null : (
        <div className="table-wrap">
          <table className="table table-compact">
            <caption>Rows that move, most frequent first.</caption>
            <thead>
              <tr>
                <th scope="col">Move</th>
                <th scope="col" className="n">
                  Rows
                </th>
              </tr>
            </thead>
            <tbody>
              {moves.slice(0, 20).map(([move, rows]) => (
                <tr key={move}>
                  <th scope="row">{move}</th>
                  <td className="n">{formatNumber(rows)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <NumberTable outputs={tally.outputs} />
    </Section>
  );
}

function NumberTable({ outputs }: { outputs: Difference["tally"]["outputs"] }) {
  const rows = Object.entries(outputs);
  if (rows.length === 0) return null;
  return (
    <div className="table-wrap">
      <table className="table table-compact">
        <caption>Absolute differences of numbers, value by value.</caption>
        <thead>
          <tr>
            <th scope="col">Output</th>
            <th scope="col" className="n">
              Values
            </th>
            <th scope="col" className="n">
              Mean
            </th>
            <th scope="col" className="n">
              Largest
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, { values, sumAbsolute, maxAbsolute }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="n">{formatNumber(values)}</td>
              <td className="n">{formatNumber(values === 0 ? 0 : sumAbsolute / values, 4)}</td>
              <td className="n">{formatNumber(maxAbsolute, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
