"use client";

import { useMutation } from "@tanstack/react-query";
import { verifyTrail } from "#lib/client/audit-queries.ts";
import { formatCount, formatMeasured, formatNumber } from "#lib/client/format-number.ts";
import { formatDay } from "#lib/client/format-time.ts";
import type { AuditListView, AuditVerifyView } from "#lib/contracts/audit-api.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Digest } from "../ui/digest.tsx";
import { Status } from "../ui/status.tsx";

/** Title, the state of the chain, and the acts that prove it. */
export function AuditHead({ trail, now }: { trail: AuditListView["trail"]; now: string }) {
  const check = useMutation({ mutationFn: verifyTrail });
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Audit trail</h1>
          <p className="sub">
            Every change to releases, versions, endpoints, evidence, roles and tokens. Nothing here
            can be edited, by anyone.
          </p>
        </div>
        <div className="actionbar-wrap">
          <div className="actionbar">
            <ButtonLink href="/audit/work-papers">Work papers</ButtonLink>
            <ButtonLink href="/audit/witnesses">Witnesses</ButtonLink>
            <a className="btn" href="/slipway-audit-verify.mjs" download>
              Download verifier
            </a>
            <Button
              variant="primary"
              closed={check.isPending}
              onClick={() => {
                check.mutate();
              }}
            >
              {check.isPending ? "Verifying" : "Verify now"}
            </Button>
          </div>
        </div>
      </div>
      <TrailFacts trail={trail} now={now} result={check.data ?? null} />
      <div aria-live="polite">
        {check.data ? <VerifyResult result={check.data} now={now} /> : null}
        {check.error ? (
          <p className="small" role="alert">
            The check did not finish: {check.error.message}
          </p>
        ) : null}
      </div>
    </>
  );
}

function TrailFacts({
  trail,
  now,
  result,
}: {
  trail: AuditListView["trail"];
  now: string;
  result: AuditVerifyView | null;
}) {
  const timeZone = useTimeZone();
  const { checkpoint, vkey } = trail;
  return (
    <div className="integrity">
      <dl>
        <div>
          <dt>Entries</dt>
          <dd>
            <b>{formatNumber(trail.size)}</b>
            <span className="small">
              {trail.since === null ? "none yet" : `since ${formatDay(trail.since, timeZone, now)}`}
            </span>
          </dd>
        </div>
        <div>
          <dt>Chain</dt>
          <dd>
            <ChainState result={result} now={now} />
          </dd>
        </div>
        <div>
          <dt>Checkpoint</dt>
          <dd>
            {checkpoint === null ? (
              <span className="small">None signed yet. One follows every change within seconds.</span>
            ) : (
              <>
                <span className="row">
                  <Digest value={checkpoint.root} />
                  <CopyButton text={checkpoint.note} what="the signed checkpoint" />
                </span>
                <span className="small">
                  over {formatCount(checkpoint.size, "entry", "entries")}, signed{" "}
                  <Instant at={checkpoint.signedAt} now={now} />
                </span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Verifier key</dt>
          <dd>
            <span className="row">
              <span className="digest" title={vkey}>
                {vkey.slice(vkey.indexOf("+") + 1, vkey.indexOf("+") + 9)}
              </span>
              <CopyButton text={vkey} what="the verifier key" />
            </span>
            <span className="small">Keep it outside this installation.</span>
          </dd>
        </div>
        <div>
          <dt>Witnesses</dt>
          <dd>
            <WitnessState witnesses={trail.witnesses} now={now} />
          </dd>
        </div>
      </dl>
    </div>
  );
}

function WitnessState({ witnesses: { count, failing, disagreeing, deliveredAt }, now }: { witnesses: AuditListView["trail"]["witnesses"]; now: string }) {
  if (count === 0)
    return (
      <>
        <Status shape="draft">None</Status>
        <span className="small">No checkpoint leaves this installation by itself.</span>
      </>
    );
  const word = disagreeing > 0 ? `${String(disagreeing)} of ${String(count)} disagree` : failing > 0 ? `${String(failing)} of ${String(count)} do not take it` : `${formatCount(count, "place")} outside`;
  return (
    <>
      <Status shape={disagreeing > 0 || failing > 0 ? "failed" : "passed"}>{word}</Status>
      <span className="small">
        {deliveredAt === null ? "Nothing handed over yet." : <>Last at <Instant at={deliveredAt} now={now} />.</>}
      </span>
    </>
  );
}

function ChainState({ result, now }: { result: AuditVerifyView | null; now: string }) {
  if (result === null)
    return (
      <>
        <Status shape="no-data">Not checked on this page yet</Status>
        <span className="small">Verify now reads and hashes all of it.</span>
      </>
    );
  return (
    <>
      <Status shape={result.intact ? "passed" : "failed"}>
        {result.intact ? "Intact" : "Broken"}
      </Status>
      <span className="small">
        <Instant at={result.checkedAt} now={now} />, all {formatNumber(result.entries)}
      </span>
    </>
  );
}

/** What the places outside said to this check, counted. */
function witnessSentence({ witnesses }: AuditVerifyView): string {
  const agreeing = witnesses.filter(({ verdict }) => verdict === "agrees").length;
  const silent = witnesses.filter(({ verdict }) => verdict === "unreachable" || verdict === "cannot_answer" || verdict === "holds_nothing").map(({ name }) => name);
  return `${formatCount(agreeing, "witness", "witnesses")} outside ${agreeing === 1 ? "holds" : "hold"} checkpoints that the trail extends.${silent.length === 0 ? "" : ` Said nothing: ${silent.join(", ")}.`}`;
}

function VerifyResult({ result, now }: { result: AuditVerifyView; now: string }) {
  const entries = formatCount(result.entries, "entry", "entries");
  if (result.intact)
    return (
      <p className="audit-result">
        {entries} checked in {formatMeasured(result.tookMs)} at{" "}
        <Instant at={result.checkedAt} now={now} />: every hash, the tree and the signatures hold
        {result.signedUpTo === null ? "" : `, signed up to #${formatNumber(result.signedUpTo)}`}.
        {result.prunedTexts === 0 ? "" : ` The text of ${formatCount(result.prunedTexts, "entry", "entries")} was pruned by rule; each says which.`}
        {result.witnesses.length === 0 ? "This server checked itself; the verifier checks an export without it." : ` ${witnessSentence(result)}`}
      </p>
    );
  return (
    <div className="banner" data-status="failed" role="alert">
      <div>
        <p>
          <b>The trail does not hold.</b> Checked {entries} at{" "}
          <Instant at={result.checkedAt} now={now} />.
        </p>
        <ul>
          {result.problems.map(({ seq, message }) => (
            <li key={`${String(seq)} ${message}`}>
              {seq === null ? "" : `#${formatNumber(seq)}: `}
              {message}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
