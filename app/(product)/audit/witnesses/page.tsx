import type { Metadata } from "next";
import type { ReactNode } from "react";
import { WitnessesPage } from "#components/audit/witnesses-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Witnesses" };

export default async function Witnesses(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("audit:read", "/audit/witnesses");
  return <WitnessesPage initial={await app.audit.witnesses(actor)} />;
}
