"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount, formatMs, formatNumber } from "#lib/client/format-number.ts";
import { streamListQuery } from "#lib/client/stream-queries.ts";
import { streamPath, streamStatus } from "#lib/client/stream-words.ts";
import type { StreamListView, StreamRow } from "#lib/contracts/views/stream-view.ts";
import { Instant } from "../shell/instant.tsx";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ServingNav } from "../shell/serving-nav.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Status } from "../ui/status.tsx";

/** Which streams run, how far behind each is, and how long a record waits for its answer. */
export function StreamListPage({ initial }: { initial: StreamListView }) {
  const { data, error } = useQuery({ ...streamListQuery(), initialData: initial });
  const now = useServerNow(data.asOf);
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "Streams" }]} asOf={data.asOf} />
      <StaleBanner asOf={data.asOf} />
      <ListHead
        title="Streams"
        sub={sayList(data.streams)}
        begin={{ label: "New stream", href: "/streams/new", may: data.mayRun }}
      />
      <ServingNav />
      <RowsProblem error={error} />
      {data.streams.length === 0 ? (
        <EmptyState
          title="No stream yet"
          command="slipway stream create NAME --endpoint ENDPOINT --from TOPIC --to TOPIC --dead-letter TOPIC --group GROUP"
          action={
            data.mayRun.open ? (
              <ButtonLink href="/streams/new" variant="primary">
                Make one
              </ButtonLink>
            ) : undefined
          }
        >
          A stream answers each record of a Kafka topic by an endpoint and writes the answer to another topic, once for readers of
          committed records. You will see its lag, its latency and the points that it can go back to.
        </EmptyState>
      ) : (
        <StreamTable streams={data.streams} now={now} />
      )}
    </>
  );
}

function sayList(streams: readonly StreamRow[]): string {
  if (streams.length === 0) return "Records of Kafka topics, answered by an endpoint.";
  const troubled = streams.filter(({ health }) => health === "failing" || health === "silent").length;
  const waiting = streams.reduce((sum, { lag }) => sum + (lag ?? 0), 0);
  const trouble = troubled === 0 ? "" : ` ${formatCount(troubled, "stream does", "streams do")} not get on.`;
  return `${formatCount(streams.length, "stream")}, ${formatCount(waiting, "record")} waiting.${trouble}`;
}

function StreamTable({ streams, now }: { streams: readonly StreamRow[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>By name. Latency is from the time of a record to the commit of its answer, over the last minute.</caption>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">State</th>
            <th scope="col">Endpoint</th>
            <th scope="col" className="n">Lag, records</th>
            <th scope="col" className="n">Latency p50</th>
            <th scope="col" className="n">p99</th>
            <th scope="col" className="n">Dead letters</th>
            <th scope="col">Last report</th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => {
            const { word, shape } = streamStatus(stream.health);
            return (
              <tr key={stream.name} data-list-item>
                <th scope="row" className="first-th">
                  <Link className="list-link" href={streamPath(stream.name)} prefetch={false} data-list-link>
                    {stream.name}
                  </Link>
                  <small className="hide-phone">
                    {stream.inputTopic} to {stream.outputTopic}
                  </small>
                </th>
                <td className="v-cell">
                  <Status shape={shape}>{word}</Status>
                </td>
                <td data-label="Endpoint">
                  {stream.endpointName}
                  <small>{stream.environmentName}</small>
                </td>
                <td data-label="Lag, records" className="n">
                  {stream.lag === null ? <span className="muted">unknown</span> : formatNumber(stream.lag)}
                </td>
                <td data-label="Latency p50" className="n">
                  {stream.latencyMs === null ? <span className="muted">no record</span> : formatMs(stream.latencyMs.p50)}
                </td>
                <td data-label="Latency p99" className="n">
                  {stream.latencyMs === null ? <span className="muted">no record</span> : formatMs(stream.latencyMs.p99)}
                </td>
                <td data-label="Dead letters" className="n">
                  {formatNumber(stream.deadLettered)}
                </td>
                <td data-label="Last report" className="nowrap">
                  {stream.reportedAt === null ? <span className="muted">none yet</span> : <Instant at={stream.reportedAt} now={now} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
