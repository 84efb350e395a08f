import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ReleaseListPage } from "#components/releases/release-list-page.tsx";
import { requireViewer } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { releaseListGroup } from "#lib/contracts/views/release-list-view.ts";

export const metadata: Metadata = { title: "Releases" };

const LIMIT = 50;

export default async function Releases({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewer("/releases");
  const given = await searchParams;
  const filter = {
    q: oneParam(given["q"], 120) ?? "",
    group: releaseListGroup.safeParse(oneParam(given["group"])).data ?? null,
    environment: oneParam(given["env"], 64),
    cursor: oneParam(given["cursor"], 256),
  };
  const list = await app.views.readReleaseList(actor, { ...filter, limit: LIMIT });
  return <ReleaseListPage initial={list} initialFilter={filter} />;
}
