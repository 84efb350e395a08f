import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ModelListPage } from "#components/models/model-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { modelListViewQuery } from "#lib/contracts/views/model-list-view.ts";

export const metadata: Metadata = { title: "Models" };

export default async function Models({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("model:read", "/models");
  const given = await searchParams;
  const filter = {
    q: oneParam(given["q"], 120) ?? "",
    state: modelListViewQuery.shape.state.safeParse(oneParam(given["state"])).data ?? null,
    environment: oneParam(given["env"], 64),
  };
  return (
    <ModelListPage initial={await app.views.readModelList(actor, filter)} initialFilter={filter} />
  );
}
