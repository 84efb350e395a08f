import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { WorkPaperPage } from "#components/review/work-paper-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";

type Params = Promise<{ number: string }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: `Work paper ${(await params).number}` };
}

export default async function WorkPaper({ params }: { params: Params }): Promise<ReactNode> {
  const { number } = await params;
  const { app, actor } = await requireViewerWith("audit:read", `/audit/work-papers/${number}`);
  if (!/^[1-9]\d{0,8}$/.test(number)) notFound();
  return <WorkPaperPage view={await orNotFound(app.reviewDesk.read(actor, Number(number)))} />;
}
