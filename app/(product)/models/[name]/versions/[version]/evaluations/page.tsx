import type { Metadata } from "next";
import type { ReactNode } from "react";
import { EvaluationsPage } from "#components/evaluations/evaluations-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { evaluationsPath } from "#lib/client/evaluation-queries.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string; version: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `Evaluations of ${pathParam(name)} ${pathParam(version)}` };
}

export default async function Evaluations({ params }: Props): Promise<ReactNode> {
  const given = await params;
  const [model, version] = [pathParam(given.name), pathParam(given.version)];
  const { app, actor } = await requireViewer(evaluationsPath(model, version));
  return <EvaluationsPage initial={await orNotFound(app.evaluations.listEvaluations(actor, { model, version }))} />;
}
