import type { Metadata } from "next";
import type { ReactNode } from "react";
import { RulesPage } from "#components/monitoring/rules-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Alert rules" };

export default async function Rules({ params }: { params: Promise<{ name: string }> }): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/monitoring/rules`);
  return <RulesPage initial={await orNotFound(app.monitoring.readAlertRules(actor, { endpoint }))} />;
}
