import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { EvaluationPage } from "#components/evaluations/evaluation-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { evaluationPath } from "#lib/client/evaluation-queries.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string; version: string; number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Evaluation ${pathParam((await params).number)}` };
}

export default async function Evaluation({ params }: Props): Promise<ReactNode> {
  const given = await params;
  const [model, version, number] = [pathParam(given.name), pathParam(given.version), Number(given.number)];
  if (!Number.isInteger(number) || number < 1) notFound();
  const { app, actor } = await requireViewer(evaluationPath(model, version, number));
  const view = await orNotFound(app.evaluations.readEvaluation(actor, { number }));
  if (view.modelName !== model || view.versionName !== version) notFound();
  return <EvaluationPage initial={view} />;
}
