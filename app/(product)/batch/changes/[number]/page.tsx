import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { BatchChangePage } from "#components/batch/batch-change-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Batch change ${(await params).number}` };
}

export default async function BatchChange({ params }: Props): Promise<ReactNode> {
  const given = (await params).number;
  if (!/^[1-9]\d{0,8}$/.test(given)) notFound();
  const { app, actor } = await requireViewer(`/batch/changes/${given}`);
  return <BatchChangePage initial={await orNotFound(app.batch.readBatchChange(actor, { number: Number(given) }))} />;
}
