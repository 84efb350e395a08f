import type { Metadata } from "next";
import type { ReactNode } from "react";
import { InboxPage } from "#components/inbox/inbox-page.tsx";
import { requireViewer } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Inbox" };

export default async function Inbox({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewer("/inbox");
  const environment = oneParam((await searchParams)["env"], 64);
  const inbox = await app.views.readInboxView(actor, { environment });
  return <InboxPage initial={inbox} initialEnvironment={environment} />;
}
