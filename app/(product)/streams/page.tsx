import type { Metadata } from "next";
import type { ReactNode } from "react";
import { StreamListPage } from "#components/streams/stream-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Streams" };

export default async function Streams(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("stream:read", "/streams");
  return <StreamListPage initial={await app.streams.readStreamList(actor, {})} />;
}
