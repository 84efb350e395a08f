import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { IncidentPage } from "#components/incidents/incident-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";

type Params = Promise<{ number: string }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: `Incident ${(await params).number}` };
}

export default async function Incident({ params }: { params: Params }): Promise<ReactNode> {
  const { number } = await params;
  const { app, actor } = await requireViewerWith("incident:read", `/incidents/${number}`);
  if (!/^[1-9]\d{0,8}$/.test(number)) notFound();
  return <IncidentPage view={await orNotFound(app.incidents.readIncident(actor, { number: Number(number) }))} />;
}
