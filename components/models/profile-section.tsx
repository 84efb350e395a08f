"use client";

import { formatBytes, formatCount, formatMs } from "#lib/client/format-number.ts";
import { profileStatus } from "#lib/client/registry-words.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Instant } from "../shell/instant.tsx";
import { LiftQuarantine } from "../shell/lift-quarantine.tsx";
import { Facts, type Fact } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

function sentenceOf({ profile }: VersionView): string {
  switch (profile.state) {
    case "waiting":
      return profile.liveRuntimes === 0
        ? "No runtime is heard from. The run starts as soon as one connects."
        : `${formatCount(profile.liveRuntimes, "runtime")} heard from; one takes it next.`;
    case "running":
      return `A runtime loads it in a process of its own, runs the golden requests and measures. Try ${String(profile.attempts)}.`;
    case "ready":
      return "Loaded and run in a process of its own on a runtime; the figures are that machine's.";
    case "failed":
      return `${profile.problem ?? "It did not pass."} See the evidence below.`;
    case "quarantined":
      return `It ended its process ${formatCount(profile.attempts, "time")}. No runtime loads it any more. ${profile.problem ?? ""}`;
    case "none":
      return "No run is known.";
  }
}

/** The run in the sandbox: whether it loads, how long it takes, what it needs. Announced when it changes. */
export function ProfileSection({ version, now }: { version: VersionView; now: string }) {
  const { profile } = version;
  const status = profileStatus(profile.state);
  const { figures } = profile;
  const measured: Fact[] =
    figures === null
      ? []
      : [
          { label: "Loads in", value: formatMs(figures.loadMs) },
          {
            label: "Answers in",
            value: `p50 ${formatMs(figures.latencyMsP50)}, p95 ${formatMs(figures.latencyMsP95)} over ${formatCount(figures.runs, "run")}`,
          },
          { label: "Memory, at most", value: formatBytes(figures.peakMemoryBytes) },
        ];
  return (
    <Section
      id="sandbox"
      title="Sandbox run"
      caption={
        <>
          since <Instant at={profile.since} now={now} />
        </>
      }
    >
      <div role="status" className="sandbox-say">
        <Status shape={status.shape}>{status.word}</Status> <span>{sentenceOf(version)}</span>
      </div>
      {version.mayLiftQuarantine.open ? <LiftQuarantine modelName={version.modelName} versionName={version.versionName} /> : null}
      <div className="facts-2">
        {measured.length === 0 ? null : <Facts facts={measured} />}
        <Facts facts={version.facts} />
      </div>
    </Section>
  );
}
