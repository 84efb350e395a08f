import type { Metadata } from "next";
import type { ReactNode } from "react";
import { AssurancePage } from "#components/assurance/assurance-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Assurance" };

export default async function Assurance({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("control:read", "/assurance");
  const after = oneParam((await searchParams)["after"], 63);
  return <AssurancePage view={await app.views.readAssurance(actor, { after })} />;
}
