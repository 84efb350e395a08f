import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { AuditEntryPage } from "#components/audit/audit-entry-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Audit entry" };

export default async function AuditEntry({
  params,
}: {
  params: Promise<{ seq: string }>;
}): Promise<ReactNode> {
  const { seq: text } = await params;
  const { app, actor } = await requireViewerWith("audit:read", `/audit/${text}`);
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) notFound();
  const seq = Number(text);
  const { events, trail } = await app.audit.list(actor, { before: seq + 1, limit: 1 });
  const [event] = events;
  if (event?.seq !== seq) notFound();
  return <AuditEntryPage event={event} trail={trail} asOf={new Date().toISOString()} />;
}
