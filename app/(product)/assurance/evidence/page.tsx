import type { Metadata } from "next";
import type { ReactNode } from "react";
import { EvidenceListPage } from "#components/assurance/evidence-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Evidence" };

const VERDICTS = ["passed", "failed", "noted"] as const;

export default async function Evidence({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("evidence:read", "/assurance/evidence");
  const asked = await searchParams;
  const kinds = (await app.governance.listEvidenceKinds(actor, {})).data.map(({ id, label }) => ({ id, label }));
  const kind = kinds.find(({ id }) => id === oneParam(asked["kind"], 64))?.id;
  const verdict = VERDICTS.find((one) => one === oneParam(asked["verdict"], 10));
  const cursor = oneParam(asked["cursor"], 100) ?? undefined;
  const { data, next } = await app.governance.listEvidence(actor, {
    ...(kind === undefined ? {} : { kind }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const asOf = (await app.store.read((db) => db.clock.databaseNow())).toISOString();
  return <EvidenceListPage view={{ asOf, rows: data, next, filter: { kind: kind ?? null, verdict: verdict ?? null }, kinds }} />;
}
