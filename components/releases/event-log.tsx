"use client";

import Link from "next/link";
import { useState } from "react";
import { formatNumber } from "#lib/client/format-number.ts";
import { formatZone } from "#lib/client/format-time.ts";
import type { LogEntryView } from "#lib/contracts/views/release-parts.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { Section } from "../ui/section.tsx";

const groups = {
  all: { label: "All", has: () => true },
  people: {
    label: "People",
    has: (entry: LogEntryView) => entry.actor.kind === "person" || entry.actor.kind === "token",
  },
  policy: {
    label: "Policy",
    has: (entry: LogEntryView) => entry.actor.kind === "policy" || entry.actor.kind === "system",
  },
  runtime: { label: "Runtime", has: (entry: LogEntryView) => entry.actor.kind === "runtime" },
} as const;
type Group = keyof typeof groups;
const groupNames: readonly Group[] = ["all", "people", "policy", "runtime"];

const kindWords = {
  person: "Person",
  policy: "Policy",
  runtime: "Runtime",
  token: "Token",
  system: "System",
} as const;

/** The same entries that the auditor sees, newest first; numbers in boxes are the flags on the charts. */
export function EventLog({ release, now }: { release: ReleaseView; now: string }) {
  const [group, setGroup] = useState<Group>("all");
  const timeZone = useTimeZone();
  const { entries, total } = release.log;
  const shown = entries.filter(groups[group].has);
  return (
    <Section
      id="log"
      title="Event log"
      caption={
        <>
          append-only, times in {formatZone(now, timeZone)},{" "}
          <ChainState release={release} now={now} />
        </>
      }
      end={
        <span className="chips" role="group" aria-label="Filter">
          {groupNames.map((name) => (
            <FilterChip
              key={name}
              label={groups[name].label}
              count={entries.filter(groups[name].has).length}
              pressed={group === name}
              onPress={() => {
                setGroup(name);
              }}
            />
          ))}
        </span>
      }
    >
      <ol className="log" reversed>
        {shown.map((entry, index) => (
          <Entry key={entry.seq ?? `${entry.at} ${String(index)}`} entry={entry} now={now} />
        ))}
      </ol>
      {shown.length === 0 ? <p className="small">No entry of this kind yet.</p> : null}
      {total > entries.length ? (
        <p className="caption">
          {entries.length} of {formatNumber(total)} entries.{" "}
          <Link href={`/audit?release=${String(release.number)}`}>All in the audit trail</Link>
        </p>
      ) : null}
    </Section>
  );
}

function Entry({ entry, now }: { entry: LogEntryView; now: string }) {
  return (
    <li>
      <Instant at={entry.at} now={now} clockOnly />
      <span>{entry.flag === null ? null : <span className="flag">{entry.flag}</span>}</span>
      <span className="who">
        {kindWords[entry.actor.kind]} <b>{entry.actor.name}</b>
      </span>
      <span className="what">{entry.text}</span>
      {entry.seq === null ? (
        <span className="seq">not in the trail</span>
      ) : (
        <Link className="seq" href={`/audit/${String(entry.seq)}`} prefetch={false}>
          #{formatNumber(entry.seq)}
        </Link>
      )}
    </li>
  );
}

function ChainState({ release, now }: { release: ReleaseView; now: string }) {
  const { chain } = release.log;
  if (chain.state === "broken") return <b>the chain of the trail is broken; see Audit</b>;
  if (chain.state === "unchecked" || chain.checkedAt === null) return <>chain not checked yet</>;
  return (
    <>
      chain intact up to #{formatNumber(chain.upToSeq ?? 0)}, checked{" "}
      <Instant at={chain.checkedAt} now={now} />
    </>
  );
}
