import type { Metadata } from "next";
import type { ReactNode } from "react";
import { LoadTestsPage } from "#components/load-tests/load-tests-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Load tests" };

export default async function LoadTests({ params }: { params: Promise<{ name: string }> }): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/load-tests`);
  return <LoadTestsPage initial={await orNotFound(app.loadTests.listLoadTests(actor, { endpoint }))} />;
}
