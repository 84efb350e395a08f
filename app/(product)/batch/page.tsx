import type { Metadata } from "next";
import type { ReactNode } from "react";
import { BatchListPage } from "#components/batch/batch-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { viewBatch } from "#lib/contracts/api/batch-operations.ts";

export const metadata: Metadata = { title: "Batch jobs" };

export default async function BatchJobs({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("batch:read", "/batch");
  const before = viewBatch.query.shape.before.safeParse(oneParam((await searchParams)["before"], 12) ?? undefined).data;
  const initial = await app.batch.readBatchList(actor, before === undefined ? {} : { before });
  return <BatchListPage initial={initial} before={before ?? null} />;
}
