import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ChannelsPage } from "#components/settings/channels-page.tsx";
import { settingsPlaces } from "#lib/api/settings-places.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Channels" };

export default async function Channels(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("channel:read", "/settings/channels");
  const view = await app.outgoing.readChannels(actor, { hasMail: app.messages.hasMail });
  return <ChannelsPage initial={view} open={settingsPlaces(actor)} />;
}
