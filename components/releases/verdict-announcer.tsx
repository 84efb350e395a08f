"use client";

import { useEffect, useRef, useState } from "react";
import { guardStatus, releaseStatus } from "#lib/client/release-status.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";

/** Says changes of state and verdict to those who listen to the page: politely, a rollback at once. Never ticks. */
export function VerdictAnnouncer({ release }: { release: ReleaseView }) {
  const said = useRef(stateKey(release));
  const [text, setText] = useState({ polite: "", urgent: "" });
  const key = stateKey(release);
  useEffect(() => {
    if (key === said.current) return;
    said.current = key;
    const words = announcement(release);
    const urgent = release.state === "ROLLING_BACK" || release.state === "ROLLED_BACK";
    setText(urgent ? { polite: "", urgent: words } : { polite: words, urgent: "" });
    // Only a change of state or verdict is news; the numbers in the sentence change all the time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return (
    <div className="vh">
      <div role="status">{text.polite}</div>
      <div role="alert">{text.urgent}</div>
    </div>
  );
}

function stateKey(release: ReleaseView): string {
  return [
    release.state,
    release.holdReason ?? "",
    String(release.stepIndex),
    ...release.guards.map((guard) => guard.word),
  ].join(" ");
}

function announcement(release: ReleaseView): string {
  const guards = release.guards
    .map((guard) => `${guard.name}: ${guardStatus(guard.word).word}.`)
    .join(" ");
  return `${releaseStatus(release.state).word}. ${release.sentence} ${guards}`;
}
