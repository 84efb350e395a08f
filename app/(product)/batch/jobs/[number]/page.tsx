import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { BatchJobPage } from "#components/batch/batch-job-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Batch job ${(await params).number}` };
}

export default async function BatchJob({ params }: Props): Promise<ReactNode> {
  const given = (await params).number;
  if (!/^[1-9]\d{0,8}$/.test(given)) notFound();
  const { app, actor } = await requireViewer(`/batch/jobs/${given}`);
  return <BatchJobPage initial={await orNotFound(app.batch.readBatchJob(actor, { number: Number(given) }))} />;
}
