import type { Metadata } from "next";
import type { ReactNode } from "react";
import { RunbookListPage } from "#components/runbooks/runbook-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Runbooks" };

export default async function Runbooks(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("runbook:read", "/runbooks");
  return <RunbookListPage view={await app.runbooks.listRunbooks(actor, {})} />;
}
