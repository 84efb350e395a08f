"use client";

import { Fragment } from "react";
import { changeOf, entryNumber, outcomeWords, reasonOf, targetText } from "#lib/client/audit-words.ts";
import { formatLongDay, formatZone } from "#lib/client/format-time.ts";
import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { ActorName } from "./actor-mark.tsx";
import { EntryDetails } from "./entry-details.tsx";

export type AuditTableProps = {
  readonly events: readonly AuditEventView[];
  readonly open: number | null;
  readonly onOpen: (seq: number | null) => void;
  readonly vkey: string;
  readonly now: string;
};

/** Entries newest first, under the day they belong to in the reader's zone. */
export function AuditTable({ events, open, onOpen, vkey, now }: AuditTableProps) {
  const timeZone = useTimeZone();
  const days = events.map((event) => formatLongDay(event.occurredAt, timeZone));
  const today = formatLongDay(now, timeZone);
  return (
    <div className="audit-wrap" tabIndex={0} role="region" aria-label="Entries">
      <table className="table table-compact audit is-stack">
        <thead>
          <tr>
            <th scope="col" className="audit-time">
              {formatZone(now, timeZone)}
            </th>
            <th scope="col" className="audit-actor">
              Actor
            </th>
            <th scope="col" className="audit-action">
              Action
            </th>
            <th scope="col" className="audit-object">
              Object
            </th>
            <th scope="col" className="audit-change">
              Before to after
            </th>
            <th scope="col">Reason</th>
            <th scope="col" className="n audit-entry">
              Entry, hash
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => (
            <Fragment key={event.seq}>
              {days[index] === days[index - 1] ? null : (
                <tr className="day">
                  <th colSpan={7} scope="rowgroup">
                    {days[index]}
                    {days[index] === today ? ", today" : ""}
                  </th>
                </tr>
              )}
              <EventRow
                event={event}
                isOpen={open === event.seq}
                now={now}
                onToggle={() => {
                  onOpen(open === event.seq ? null : event.seq);
                }}
              />
              {open === event.seq ? (
                <tr className="more" id={`details-${String(event.seq)}`}>
                  <td colSpan={7}>
                    <EntryDetails event={event} vkey={vkey} now={now} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EventRow({
  event,
  isOpen,
  now,
  onToggle,
}: {
  event: AuditEventView;
  isOpen: boolean;
  now: string;
  onToggle: () => void;
}) {
  const change = changeOf(event);
  const [subject] = event.targets;
  return (
    <tr className={isOpen ? "is-open" : undefined} id={`e-${String(event.seq)}`}>
      <td className="nowrap">
        <Instant at={event.occurredAt} now={now} clockOnly />
      </td>
      <td data-label="Actor">
        <ActorName actor={event.actor} />
      </td>
      <th scope="row">
        {event.label}
        {event.outcome === "ok" ? null : <small>{outcomeWords[event.outcome]}</small>}
      </th>
      <td data-label="Object">{subject === undefined ? null : targetText(subject)}</td>
      <td data-label="Change">
        {change === null ? null : (
          <span>
            {change.was === null ? null : (
              <>
                <span className="was">{change.was}</span> to{" "}
              </>
            )}
            <b>{change.now}</b>
          </span>
        )}
      </td>
      <td data-label="Reason">{reasonOf(event)}</td>
      <td className="n">
        <button
          type="button"
          className="entry-link digest"
          data-list-link
          aria-expanded={isOpen}
          aria-label={`Entry ${String(event.seq)}, ${event.label}`}
          onClick={onToggle}
        >
          {entryNumber(event.seq)}
        </button>{" "}
        <span className="digest muted" title={event.leafHash}>
          {event.leafHash.slice(0, 8)}
        </span>
      </td>
    </tr>
  );
}
