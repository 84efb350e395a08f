import type { Metadata } from "next";
import type { ReactNode } from "react";
import { TargetsPage } from "#components/targets/targets-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Targets" };

export default async function Targets(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("endpoint:read", "/targets");
  return <TargetsPage initial={await app.targets.readTargets(actor, {})} />;
}
