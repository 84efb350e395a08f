import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NewBatchPage } from "#components/batch/new-batch-page.tsx";
import { batchSettings } from "#lib/api/batch-settings.ts";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "New batch job" };

export default async function NewBatch({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("batch:read", "/batch/new");
  return <NewBatchPage view={await app.batch.readNewBatch(actor, batchSettings(app))} endpoint={oneParam((await searchParams)["endpoint"], 64)} />;
}
