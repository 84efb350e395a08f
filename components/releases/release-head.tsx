"use client";

import type { ReactNode } from "react";
import { emphasise } from "#lib/client/sentence-emphasis.ts";
import { formatInstant } from "#lib/client/format-time.ts";
import { releaseStatus, waitEnding } from "#lib/client/release-status.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

/** Title, status and acts; under them the sentence that says what is live, why it waits and what ends the wait. */
export function ReleaseHead({
  release,
  now,
  actions,
  note,
}: {
  release: ReleaseView;
  now: string;
  actions: ReactNode;
  note: ReactNode;
}) {
  const status = releaseStatus(release.state);
  return (
    <div className="page-head">
      <div>
        <h1>
          {release.candidate.modelName} {release.candidate.versionName}{" "}
          <Status shape={status.shape} tint big>
            {status.word}
          </Status>
          {release.demo ? <Tag>Demo</Tag> : null}
        </h1>
        <p className="sub">
          Replaces {release.stable.versionName} on endpoint {release.endpointName},{" "}
          {release.environmentName}. {capital(release.strategy)}, plan{" "}
          <span className="digest">{release.planDigest.replace("sha256:", "").slice(0, 8)}</span>.{" "}
          {capital(release.riskTier)} risk. {release.startedAt === null ? "Asked" : "Started"}{" "}
          <Instant at={release.startedAt ?? release.createdAt} now={now} /> by {release.author.name}
        </p>
      </div>
      <div className="actionbar-wrap">{actions}</div>
      <div className="page-say">
        <VerdictSentence release={release} />
        {note}
      </div>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll("_", " ");
}

function VerdictSentence({ release }: { release: ReleaseView }) {
  const parts = emphasise(
    release.sentence,
    release.candidate.versionName,
    release.state === "HOLDING" || release.state === "AWAITING_GATE",
  );
  return (
    <p className="verdict" id="verdict">
      {parts.map((part, index) =>
        part.as === "strong" ? (
          <b key={index}>{part.text}</b>
        ) : part.as === "cause" ? (
          <span className="why" key={index}>
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </p>
  );
}

/** Beside the sentence: what ends the wait and when, and why the primary act is closed where it is. */
export function WaitNote({
  release,
  now,
  closedBecause,
}: {
  release: ReleaseView;
  now: string;
  closedBecause: string | null;
}) {
  const timeZone = useTimeZone();
  const ending = waitEnding(release.wait);
  const endsAt = release.wait?.endsAt ?? null;
  if (ending === "" && closedBecause === null) return null;
  return (
    <div className="actionbar-note" id="why-not">
      {endsAt === null ? null : (
        <p>Expected to end at about {formatInstant(endsAt, timeZone, now, false)}. </p>
      )}
      {ending === "" ? null : <p>{ending}</p>}
      {closedBecause === null ? null : <p>{closedBecause}</p>}
    </div>
  );
}
