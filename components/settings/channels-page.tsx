"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import { channelsQuery } from "#lib/client/monitoring-queries.ts";
import type { ChannelRow, ChannelsView } from "#lib/contracts/views/channels-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ChannelForm } from "./channel-form.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";

export const channelKindWords = { webhook: "Webhook", slack: "Slack", teams: "Teams", email: "E-mail", openlineage: "OpenLineage" } as const;

/** Where messages go: channels with how they did, and the form for a new one. */
export function ChannelsPage({ initial, open }: { initial: ChannelsView; open: SettingsPlaces }) {
  const { data } = useQuery({ ...channelsQuery(), initialData: initial });
  const now = useServerNow(data.asOf);
  const failing = data.channels.filter(({ failed, enabled }) => failed > 0 || !enabled).length;
  return (
    <SettingsFrame
      title="Channels"
      sub={data.channels.length === 0 ? "Nothing is told to anybody yet." : `${formatCount(data.channels.length, "channel")}; ${failing === 0 ? "every message of the last seven days arrived or is on its way" : `${String(failing)} need a look`}.`}
      asOf={data.asOf}
      open={open}
    >
      {data.channels.length === 0 ? (
        <EmptyState title="No channel yet">Alerts, releases and incidents can go to a webhook, to Slack, to Teams or by e-mail. Each message is an entry of the audit trail.</EmptyState>
      ) : (
        <ChannelTable channels={data.channels} now={now} />
      )}
      {data.mayManage.open ? (
        <Section id="new-channel" title="New channel" caption="the signing secret of a webhook is shown once">
          <ChannelForm view={data} />
        </Section>
      ) : (
        <p className="caption">New channels: {data.mayManage.closedBecause}</p>
      )}
    </SettingsFrame>
  );
}

export function ChannelState({ channel }: { channel: ChannelRow }) {
  if (!channel.enabled) return <Status shape="retired">Off</Status>;
  if (channel.failed > 0) return <Status shape="failed">Failing</Status>;
  return channel.delivered === 0 ? <Status shape="no-data">Not tried yet</Status> : <Status shape="live">Arriving</Status>;
}

function ChannelTable({ channels, now }: { channels: readonly ChannelRow[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>Counts are of the last seven days. Of an address only the host or the mailbox is kept readable.</caption>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">To</th>
            <th scope="col">What it is told</th>
            <th scope="col">State</th>
            <th scope="col" className="n">Arrived</th>
            <th scope="col" className="n">Failed</th>
            <th scope="col" className="n">Waiting</th>
            <th scope="col">Newest arrival</th>
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <tr key={channel.channelId}>
              <th scope="row" className="first-th">
                <Link href={`/settings/channels/${channel.channelId}`} prefetch={false}>{channel.name}</Link>
                <small>{channelKindWords[channel.kind]}</small>
              </th>
              <td data-label="To">{channel.address}</td>
              <td data-label="What it is told">{channel.events.join(", ")}<small>{channel.environments.length === 0 ? "every environment" : channel.environments.join(", ")}</small></td>
              <td className="v-cell"><ChannelState channel={channel} /></td>
              <td className="n" data-label="Arrived">{channel.delivered}</td>
              <td className="n" data-label="Failed">{channel.failed}</td>
              <td className="n" data-label="Waiting">{channel.waiting}</td>
              <td data-label="Newest arrival" className="nowrap">{channel.newestDeliveredAt === null ? "none" : <Instant at={channel.newestDeliveredAt} now={now} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
