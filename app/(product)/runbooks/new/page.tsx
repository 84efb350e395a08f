import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NewRunbookPage } from "#components/runbooks/new-runbook-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Write a runbook" };

export default async function NewRunbook(): Promise<ReactNode> {
  await requireViewerWith("runbook:edit", "/runbooks/new");
  return <NewRunbookPage asOf={new Date().toISOString()} />;
}
