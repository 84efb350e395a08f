import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { z } from "zod";
import { ChannelPage } from "#components/settings/channel-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, pathParam, type PageQuery } from "#lib/client/search-params.ts";
import { channelViewQuery } from "#lib/contracts/views/channels-view.ts";

export const metadata: Metadata = { title: "Channel" };

type Props = { params: Promise<{ channelId: string }>; searchParams: PageQuery };

export default async function Channel({ params, searchParams }: Props): Promise<ReactNode> {
  const channelId = z.uuid().safeParse(pathParam((await params).channelId)).data ?? notFound();
  const { app, actor } = await requireViewerWith("channel:read", `/settings/channels/${channelId}`);
  const before = channelViewQuery.shape.before.safeParse(oneParam((await searchParams)["before"])).data ?? null;
  const view = await orNotFound(app.outgoing.readChannel(actor, { channelId, before }));
  return <ChannelPage initial={view} initialBefore={before} open={settingsPlaces(actor)} />;
}
