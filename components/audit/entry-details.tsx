"use client";

import Link from "next/link";
import {
  actorMarks,
  diffOf,
  entryNumber,
  outcomeWords,
  targetPath,
  targetText,
} from "#lib/client/audit-words.ts";
import { formatUtc } from "#lib/client/format-time.ts";
import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { Instant } from "../shell/instant.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Facts } from "../ui/facts.tsx";
import { InclusionProof } from "./inclusion-proof.tsx";

/** Everything one entry says, its change line by line, and its proof. */
export function EntryDetails({
  event,
  vkey,
  now,
  alone = false,
}: {
  event: AuditEventView;
  vkey: string;
  now: string;
  /** On the entry's own page. */
  alone?: boolean;
}) {
  const { actor } = event;
  return (
    <div className="proof-grid">
      <div>
        <Facts
          facts={[
            {
              label: "Time",
              value: (
                <>
                  <Instant at={event.occurredAt} now={now} />{" "}
                  <small>
                    database clock, {formatUtc(event.occurredAt)} ({event.occurredAt})
                  </small>
                </>
              ),
            },
            {
              label: "Actor",
              value: (
                <>
                  {actor.name}, {actorMarks[actor.type].word.toLowerCase()}{" "}
                  <small>
                    {actor.authMethod === null ? "" : `by ${actor.authMethod.replaceAll("_", " ")}`}{" "}
                    {actor.id ?? ""}
                  </small>
                </>
              ),
            },
            {
              label: "Action",
              value: (
                <>
                  {event.label} <small>{event.action}</small>
                </>
              ),
            },
            { label: "Outcome", value: outcomeWords[event.outcome] },
            { label: "About", value: <Targets event={event} /> },
            { label: "Reason", value: event.reason ?? "None given" },
            {
              label: "Request",
              value: <span className="digest-whole">{event.requestId ?? (event.textPruned === undefined ? "None" : "Pruned with the text")}</span>,
            },
            { label: "Entry hash", value: <span className="digest-whole">{event.leafHash}</span> },
          ]}
        />
        <Diff event={event} />
        <details>
          <summary>JSON</summary>
          <CodeBlock title={`Entry ${String(event.seq)}`} code={JSON.stringify(event, null, 2)} />
        </details>
        <div className="chips">
          <CopyButton
            label="Copy link"
            what={`to entry ${String(event.seq)}`}
            text={() => `${window.location.origin}/audit/${String(event.seq)}`}
          />
          {alone ? null : (
            <ButtonLink small variant="quiet" href={`/audit/${String(event.seq)}`}>
              Open {entryNumber(event.seq)}
            </ButtonLink>
          )}
        </div>
      </div>
      <InclusionProof seq={event.seq} vkey={vkey} />
    </div>
  );
}

function Targets({ event }: { event: AuditEventView }) {
  if (event.textPruned !== undefined) return <>Pruned with the text</>;
  if (event.targets.length === 0) return <>Nothing else</>;
  return (
    <ul>
      {event.targets.map((target) => {
        const path = targetPath(target);
        return (
          <li key={`${target.type} ${target.id}`}>
            {path === null ? targetText(target) : <Link href={path}>{targetText(target)}</Link>}
          </li>
        );
      })}
    </ul>
  );
}

function Diff({ event }: { event: AuditEventView }) {
  const lines = diffOf(event.before, event.after);
  if (lines.length === 0) return null;
  return (
    <div className="diff" role="region" aria-label="Before and after" tabIndex={0}>
      <div className="hunk">{event.before === null ? "what was recorded" : "before and after"}</div>
      {lines.map(({ kind, text }) => (
        <div key={`${kind} ${text}`} className={kind === "same" ? undefined : kind}>
          {kind === "same" ? null : (
            <span className="vh">{kind === "del" ? "before: " : "after: "}</span>
          )}
          {text}
        </div>
      ))}
    </div>
  );
}
