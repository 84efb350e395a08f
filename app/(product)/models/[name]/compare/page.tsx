import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { ComparePage } from "#components/models/compare-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { comparePath } from "#lib/client/registry-words.ts";
import { oneParam, pathParam, type PageQuery } from "#lib/client/search-params.ts";
import { compareVersions } from "#lib/contracts/api/artifact-operations.ts";

type Props = { params: Promise<{ name: string }>; searchParams: PageQuery };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Compare versions of ${pathParam((await params).name)}` };
}

export default async function Compare({ params, searchParams }: Props): Promise<ReactNode> {
  const model = pathParam((await params).name);
  const given = await searchParams;
  const asked = compareVersions.query.safeParse({ from: oneParam(given["from"]), to: oneParam(given["to"]) });
  if (!asked.success) notFound();
  const { app, actor } = await requireViewer(comparePath(model, asked.data.from, asked.data.to));
  return <ComparePage view={await orNotFound(app.artifactDesk.compare(actor, { model, ...asked.data }))} />;
}
