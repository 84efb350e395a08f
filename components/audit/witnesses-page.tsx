"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { auditWitnessesQuery, verifyTrail } from "#lib/client/audit-queries.ts";
import { formatCount, formatMeasured, formatNumber } from "#lib/client/format-number.ts";
import type { AuditWitnessesView } from "#lib/contracts/audit-api.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { witnessKinds, witnessWords } from "./witness-words.ts";

const EXAMPLE = 'SLIPWAY_AUDIT_WITNESSES="vault=file:/mnt/worm/slipway archive=s3://audit-checkpoints/slipway?lockDays=3650 partner=https://witness.example/slipway"';

/** Places outside this installation that keep checkpoints: what each took, and what it said when it was last asked. */
export function WitnessesPage({ initial }: { initial: AuditWitnessesView }) {
  const { data: view } = useQuery({ ...auditWitnessesQuery, initialData: initial });
  const now = useServerNow(view.asOf);
  const client = useQueryClient();
  const ask = useMutation({ mutationFn: verifyTrail, onSettled: () => client.invalidateQueries({ queryKey: auditWitnessesQuery.queryKey }) });
  const disagreeing = view.witnesses.filter(({ verdict }) => verdict !== null && witnessWords[verdict].shape === "failed");
  return (
    <>
      <Strip crumbs={[{ href: "/audit", label: "Audit" }, { label: "Witnesses" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Witnesses</h1>
          <p className="sub">
            {view.witnesses.length === 0
              ? "No checkpoint leaves this installation. Whoever holds its database and its key could rewrite the trail, and only an export that somebody kept would show it."
              : `${formatCount(view.witnesses.length, "place")} outside ${view.witnesses.length === 1 ? "keeps" : "keep"} every checkpoint. A trail that was rewritten or rolled back does not fit what they hold.`}
          </p>
        </div>
        {view.witnesses.length === 0 ? null : (
          <div className="actionbar-wrap">
            <div className="actionbar">
              <Button
                variant="primary"
                closed={ask.isPending}
                onClick={() => {
                  ask.mutate();
                }}
              >
                {ask.isPending ? "Verifying" : "Verify and ask them now"}
              </Button>
            </div>
          </div>
        )}
      </div>
      {ask.error === null ? null : <p role="alert">The check did not finish: {ask.error.message}</p>}
      {disagreeing.length === 0 ? null : (
        <div className="banner" data-status="failed" role="alert">
          <div>
            <p>
              <b>The trail is not the one that was witnessed.</b> Keep a copy of the database as it is, and of what the witness holds, before anything else.
            </p>
          </div>
        </div>
      )}
      <Section id="witnesses" title="Places" caption={view.signedSize === 0 ? "nothing is signed yet" : `the newest checkpoint covers ${formatCount(view.signedSize, "entry", "entries")}`}>
        {view.witnesses.length === 0 ? (
          <EmptyState heading="h3" title="None is set up">
            Name directories on other machines, buckets with object lock or web addresses of others in the control plane’s settings. They are set there and not on a page: who can change the database must not be able to take them away.
          </EmptyState>
        ) : (
          <WitnessTable view={view} now={now} />
        )}
      </Section>
      {view.deliveries.length === 0 ? null : (
        <Section id="deliveries" title="Handed over" caption="the newest attempts">
          <DeliveryTable view={view} now={now} />
        </Section>
      )}
      <Section id="set-up" title="Set up and check">
        <CodeBlock title="Environment of the control plane" code={EXAMPLE} />
        <CodeBlock title="Hold an export against what a witness kept, offline" code="slipway audit verify trail.slipway-audit.jsonl --key verifier-key --witness /copy/of/the/witness" />
      </Section>
    </>
  );
}

function WitnessTable({ view, now }: { view: AuditWitnessesView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Took</th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {view.witnesses.map((witness) => (
            <tr key={witness.name}>
              <th scope="row" className="wide">
                {witness.name}
                <small>
                  {witnessKinds[witness.kind]}, {witness.place}
                </small>
              </th>
              <td data-label="Took" className="wide">
                <Took witness={witness} signedSize={view.signedSize} now={now} />
              </td>
              <td data-label="Said" className="wide">
                {witness.verdict === null ? <Status shape="no-data">Not asked yet</Status> : <Status shape={witnessWords[witness.verdict].shape}>{witnessWords[witness.verdict].word}</Status>}
                <small>
                  {witness.message}{" "}
                  {witness.askedAt === null ? null : (
                    <>
                      Asked <Instant at={witness.askedAt} now={now} seconds={false} />.
                    </>
                  )}
                </small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Took({ witness, signedSize, now }: { witness: AuditWitnessesView["witnesses"][number]; signedSize: number; now: string }) {
  const { deliveredSize, deliveredAt, failures, lastProblem, retryAt } = witness;
  const isCurrent = deliveredSize !== null && deliveredSize >= signedSize;
  return (
    <>
      <Status shape={failures > 0 ? "failed" : isCurrent ? "passed" : "scheduled"}>{failures > 0 ? "Does not take it" : isCurrent ? "Up to date" : "On its way"}</Status>
      <small>
        {deliveredSize === null || deliveredAt === null ? (
          "Nothing yet."
        ) : (
          <>
            Up to {formatCount(deliveredSize, "entry", "entries")}, <Instant at={deliveredAt} now={now} />.
          </>
        )}
        {lastProblem === null ? null : ` ${formatCount(failures, "failure")}: ${lastProblem}`}
        {retryAt === null ? null : (
          <>
            {" "}
            Tried again <Instant at={retryAt} now={now} />.
          </>
        )}
      </small>
    </>
  );
}

function DeliveryTable({ view, now }: { view: AuditWitnessesView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Witness</th>
            <th scope="col">Result</th>
            <th scope="col" className="num">
              Entries
            </th>
            <th scope="col">Signed because</th>
            <th scope="col" className="num">
              Took
            </th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {view.deliveries.map(({ id, witness, problem, size, reason, tookMs, at }) => (
            <tr key={id}>
              <th scope="row" className="first-th">
                {witness}
              </th>
              <td className="v-cell">
                <Status shape={problem === null ? "passed" : "failed"}>{problem === null ? "Taken" : "Not taken"}</Status>
                {problem === null ? null : <small>{problem}</small>}
              </td>
              <td data-label="Entries" className="num">
                {formatNumber(size)}
              </td>
              <td data-label="Signed because">{reasonWords[reason] ?? reason}</td>
              <td data-label="Took" className="num">
                {formatMeasured(tookMs)}
              </td>
              <td data-label="When" className="nowrap">
                <Instant at={at} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const reasonWords: Readonly<Record<string, string>> = { forced: "an act that asks for it", interval: "time", count: "number of entries", start: "first one", shutdown: "shutdown", asked: "somebody asked" };
