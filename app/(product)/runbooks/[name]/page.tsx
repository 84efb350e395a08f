import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { z } from "zod";
import { RunbookPage } from "#components/runbooks/runbook-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { slug } from "#lib/contracts/registry-api.ts";

type Params = Promise<{ name: string }>;
const versionOf = z.coerce.number().int().positive().nullable().catch(null);

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: `Runbook ${(await params).name}` };
}

export default async function Runbook({ params, searchParams }: { params: Params; searchParams: PageQuery }): Promise<ReactNode> {
  const { name } = await params;
  const { app, actor } = await requireViewerWith("runbook:read", `/runbooks/${encodeURIComponent(name)}`);
  if (!slug.safeParse(name).success) notFound();
  const version = versionOf.parse(oneParam((await searchParams)["version"]));
  const view = await orNotFound(app.runbooks.readRunbook(actor, { runbook: name, version }));
  return <RunbookPage view={view} newest={view.versions[0]?.number ?? view.version} />;
}
