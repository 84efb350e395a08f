"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { deleteAct, postAct } from "#lib/client/api-client.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { channelQuery } from "#lib/client/monitoring-queries.ts";
import type { ChannelView, DeliveryRow } from "#lib/contracts/views/channels-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { ChannelState, channelKindWords } from "./channels-page.tsx";
import { SettingsFrame, type SettingsPlaces } from "./settings-frame.tsx";
import { useChannelAct } from "./use-channel-act.ts";

/** One channel: what was sent to it, every try, and sending again. */
export function ChannelPage({ initial, initialBefore, open }: { initial: ChannelView; initialBefore: string | null; open: SettingsPlaces }) {
  const [before, setBefore] = useQueryState("before", parseAsString);
  const { channel: first } = initial;
  const { data } = useQuery({ ...channelQuery(first.channelId, before), ...(before === initialBefore ? { initialData: initial } : {}) });
  const view = data ?? initial;
  const { channel } = view;
  const now = useServerNow(view.asOf);
  return (
    <SettingsFrame title={channel.name} sub={`${channelKindWords[channel.kind]} to ${channel.address}. Told: ${channel.events.join(", ")}.`} asOf={view.asOf} open={open}>
      {channel.disabledReason === null ? null : <Banner tone="holding" mark="warn"><b>Nothing is sent.</b> {channel.disabledReason} Turn it on when the receiver is back.</Banner>}
      <ChannelActs view={view} />
      <Section id="deliveries" title="Messages" caption="newest first, kept for 90 days" end={<ChannelState channel={channel} />}>
        {view.deliveries.length === 0 ? <EmptyState title="Nothing was sent yet">Send a test message to see whether it arrives.</EmptyState> : <DeliveryTable view={view} now={now} />}
        {view.next === null ? null : <div className="chips pager"><Button small onClick={() => void setBefore(view.next)}>Older messages</Button></div>}
      </Section>
    </SettingsFrame>
  );
}

function ChannelActs({ view }: { view: ChannelView }) {
  const router = useRouter();
  const path = `/api/v1/channels/${view.channel.channelId}`;
  const test = useChannelAct((_none: null, idempotencyKey) => postAct(`${path}/test`, {}, { idempotencyKey }));
  const change = useChannelAct((enabled: boolean, idempotencyKey) => postAct(path, { enabled }, { idempotencyKey, method: "PATCH" }));
  const remove = useChannelAct((_none: null, idempotencyKey) => deleteAct(path, { idempotencyKey }));
  if (!view.mayManage.open) return <p className="caption">Changing it: {view.mayManage.closedBecause}</p>;
  const { enabled } = view.channel;
  return (
    <>
      <ApiProblemSummary problem={test.problem ?? change.problem ?? remove.problem} fieldFor={() => null} />
      <div className="row">
        <Button variant="primary" closed={test.pending || !enabled} onClick={() => void test.send(null)}>Send a test message</Button>
        <Button closed={change.pending} onClick={() => void change.send(!enabled)}>{enabled ? "Turn off" : "Turn on"}</Button>
        <Button
          variant="danger"
          closed={remove.pending || enabled}
          {...(enabled ? { "aria-describedby": "why-no-remove" } : {})}
          onClick={() => {
            void remove.send(null).then((done) => {
              if (done !== null) router.push("/settings/channels");
            });
          }}
        >
          Remove
        </Button>
        {enabled ? <span className="caption" id="why-no-remove">Turn it off before removing it.</span> : null}
      </div>
    </>
  );
}

function DeliveryTable({ view, now }: { view: ChannelView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>A message is tried nine times over about two and a half days, with growing waits. Its id stays the same, so a receiver can drop what it has seen.</caption>
        <thead>
          <tr>
            <th scope="col">Message</th>
            <th scope="col">State</th>
            <th scope="col">Made</th>
            <th scope="col">Tries</th>
            <th scope="col">Act</th>
          </tr>
        </thead>
        <tbody>
          {view.deliveries.map((delivery) => <Delivery key={delivery.deliveryId} delivery={delivery} mayManage={view.mayManage.open} now={now} />)}
        </tbody>
      </table>
    </div>
  );
}

function DeliveryState({ delivery, now }: { delivery: DeliveryRow; now: string }) {
  if (delivery.state === "delivered") return <Status shape="passed">Arrived</Status>;
  if (delivery.state === "failed") return <Status shape="failed">Given up</Status>;
  return (
    <>
      <Status shape="scheduled">Waiting</Status>
      {delivery.nextAttemptAt === null ? null : <small>next try <Instant at={delivery.nextAttemptAt} now={now} /></small>}
    </>
  );
}

function Delivery({ delivery, mayManage, now }: { delivery: DeliveryRow; mayManage: boolean; now: string }) {
  const act = useChannelAct((_none: null, idempotencyKey) => postAct(`/api/v1/deliveries/${delivery.deliveryId}/replay`, {}, { idempotencyKey }));
  return (
    <tr>
      <th scope="row" className="first-th">
        {delivery.title}
        <small className="digest">{delivery.eventType}, {delivery.eventId}</small>
        <details className="field-more">
          <summary>What is sent</summary>
          <CodeBlock title="CloudEvent" code={delivery.body} />
        </details>
      </th>
      <td className="v-cell"><DeliveryState delivery={delivery} now={now} /></td>
      <td data-label="Made" className="nowrap"><Instant at={delivery.createdAt} now={now} /></td>
      <td data-label="Tries">
        {delivery.tries.length === 0 ? "none yet" : (
          <ol className="plain">
            {delivery.tries.map((one) => (
              <li key={one.number}>
                <Instant at={one.at} now={now} />: {one.problem ?? `HTTP ${String(one.status ?? "")}`.trim()}, {formatNumber(one.tookMs)}&nbsp;ms
              </li>
            ))}
          </ol>
        )}
      </td>
      <td data-label="Act">
        {mayManage ? <Button small closed={act.pending} onClick={() => void act.send(null)}>{delivery.state === "waiting" ? "Try now" : "Send again"}<span className="vh"> {delivery.title}</span></Button> : null}
        <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
      </td>
    </tr>
  );
}
