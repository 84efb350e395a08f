import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NewStreamPage } from "#components/streams/new-stream-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "New stream" };

export default async function NewStream({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("stream:read", "/streams/new");
  return <NewStreamPage view={await app.streams.readNewStream(actor, {})} endpoint={oneParam((await searchParams)["endpoint"], 64)} />;
}
