import type { Metadata } from "next";
import type { ReactNode } from "react";
import { z } from "zod";
import { CardPage } from "#components/cards/card-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { notFound } from "next/navigation";

type Params = Promise<{ name: string; version: string }>;
const revisionOf = z.coerce.number().int().positive().nullable().catch(null);
const named = z.object({ name: slug, version: versionName });

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `Model card of ${name} ${decodeURIComponent(version)}` };
}

export default async function Card({ params, searchParams }: { params: Params; searchParams: PageQuery }): Promise<ReactNode> {
  const given = await params;
  const which = named.safeParse({ name: given.name, version: decodeURIComponent(given.version) });
  if (!which.success) notFound();
  const { name, version } = which.data;
  const { app, actor } = await requireViewerWith("card:read", `/models/${name}/versions/${encodeURIComponent(version)}/card`);
  const query = await searchParams;
  const view = await orNotFound(
    app.cards.readCard(actor, { model: name, version, revision: revisionOf.parse(oneParam(query["revision"])), against: oneParam(query["against"], 80) }),
  );
  return <CardPage view={view} />;
}
