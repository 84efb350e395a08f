"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount, formatMs, formatNumber } from "#lib/client/format-number.ts";
import { endpointPath } from "#lib/client/registry-words.ts";
import { streamQuery } from "#lib/client/stream-queries.ts";
import { streamArmsText, streamStatus } from "#lib/client/stream-words.ts";
import type { StreamView } from "#lib/contracts/views/stream-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useAct } from "../shell/use-act.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Facts } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { PartitionTable, StreamRuntimeTable } from "./partition-table.tsx";
import { ReplaySection } from "./replay-section.tsx";

/** One stream: how far it is, who works on it, and the way back. */
export function StreamPage({ initial }: { initial: StreamView }) {
  const { data: view } = useQuery({ ...streamQuery(initial.stream.name), initialData: initial });
  const now = useServerNow(view.asOf);
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { href: "/streams", label: "Streams" }, { label: view.stream.name }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <Head view={view} />
      <RollbackBanner rollback={view.rollback} />
      <section className="section section-first" aria-labelledby="now">
        <div className="section-head">
          <h2 id="now">Now</h2>
          <span className="caption">counts since each runtime started</span>
        </div>
        <NowFacts view={view} />
      </section>
      <Section id="partitions" title="Partitions" caption={view.partitions.length === 0 ? undefined : formatCount(view.partitions.length, "partition")}>
        {view.partitions.length === 0 ? (
          <>
            <p className="small">No runtime has said where it is in {view.stream.inputTopic} yet.</p>
            <CodeBlock title="Settings of a runtime that takes it up" code="SLIPWAY_RUNTIME_ROLE=stream SLIPWAY_KAFKA_BROKERS=kafka-1:9092,kafka-2:9092" />
          </>
        ) : (
          <PartitionTable rows={view.partitions} now={now} />
        )}
      </Section>
      <ReplaySection view={view} now={now} />
      <Section id="runtimes" title="Runtimes" caption={`${formatCount(view.runtimes.length, "runtime")} heard from`}>
        {view.runtimes.length === 0 ? (
          <p className="small">None in the last half minute.</p>
        ) : (
          <StreamRuntimeTable rows={view.runtimes} now={now} />
        )}
      </Section>
      <Section id="facts" title="Settings">
        <SettingFacts view={view} now={now} />
      </Section>
    </>
  );
}

function Head({ view }: { view: StreamView }) {
  const act = useAct(["stream"]);
  const { stream, state } = view;
  const { word, shape } = streamStatus(stream.health);
  const closedBecause = view.mayRun.open ? null : view.mayRun.closedBecause;
  const isPaused = state === "paused";
  return (
    <div className="page-head">
      <div>
        <h1>
          {stream.name}{" "}
          <Status shape={shape} tint big>
            {word}
          </Status>
        </h1>
        <p className="sub">
          on{" "}
          <Link href={endpointPath(stream.endpointName)} prefetch={false}>
            {stream.endpointName}
          </Link>{" "}
          in {stream.environmentName}, made by {view.createdBy}
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          <Button
            variant={isPaused ? "primary" : "plain"}
            closed={closedBecause !== null || act.pending}
            aria-describedby={closedBecause === null ? undefined : "why-no-pause"}
            onClick={() => void act.send(`/api/v1/streams/${stream.name}/${isPaused ? "resume" : "pause"}`, {})}
          >
            {isPaused ? "Resume" : "Pause"}
          </Button>
        </div>
        {closedBecause === null ? null : (
          <p className="caption closed-note" id="why-no-pause">
            {closedBecause}
          </p>
        )}
        <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
      </div>
      <div className="page-say">
        <p className="verdict">{view.say}</p>
      </div>
    </div>
  );
}

/** Stands until every partition went back; what is done is said beside the way back. */
function RollbackBanner({ rollback }: { rollback: StreamView["rollback"] }) {
  if (rollback === null || rollback.applied) return null;
  return (
    <Banner tone="rolling-back">
      Roll back {rollback.seq} is under way: {formatNumber(rollback.goneBack)} of {formatCount(rollback.partitions, "partition")} went back. The others answer from where they were until their
      runtime takes it up.
    </Banner>
  );
}

function NowFacts({ view }: { view: StreamView }) {
  const { stream } = view;
  return (
    <Facts
      facts={[
        { label: "Lag", value: stream.lag === null ? "unknown: no runtime has reported" : formatCount(stream.lag, "record") },
        { label: "Rate", value: `${formatNumber(stream.recordsPerSecond, 1)} records/s` },
        {
          label: "Latency, record to committed answer",
          value: stream.latencyMs === null ? "no record in the last minute" : `p50 ${formatMs(stream.latencyMs.p50)}, p99 ${formatMs(stream.latencyMs.p99)}`,
        },
        { label: "Answered", value: formatCount(view.answered, "record") },
        { label: "Dead letters", value: `${formatCount(stream.deadLettered, "record")}, in ${view.deadLetterTopic}` },
        { label: "Shadow answers", value: view.shadowTopic === null ? "compared and not kept" : `${formatCount(view.shadowed, "record")}, in ${view.shadowTopic}` },
        { label: "Started again", value: formatCount(view.retried, "time") },
        { label: "Who answers", value: view.arms.length === 0 ? "no version has weight yet" : streamArmsText(view.arms) },
      ]}
    />
  );
}

function SettingFacts({ view, now }: { view: StreamView; now: string }) {
  const { stream } = view;
  return (
    <>
      <Facts
        facts={[
          { label: "Input topic", value: stream.inputTopic },
          { label: "Output topic", value: stream.outputTopic },
          { label: "Dead-letter topic", value: view.deadLetterTopic },
          { label: "Shadow topic", value: view.shadowTopic ?? "none" },
          { label: "Consumer group", value: view.groupId },
          { label: "Records at once", value: `${formatNumber(view.maxInFlight)} are answered and committed together` },
          { label: "Canary", value: "by the key of a record; without a key by its partition" },
          { label: "Made", value: <Instant at={view.createdAt} now={now} /> },
        ]}
      />
      <CodeBlock title="The same by the command line" code={`slipway stream show ${stream.name}\nslipway stream replay ${stream.name}`} />
    </>
  );
}
