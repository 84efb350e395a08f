"use client";

import { useQuery } from "@tanstack/react-query";
import { evaluationsQuery } from "#lib/client/evaluation-queries.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { modelPath, versionPath } from "#lib/client/registry-words.ts";
import type { EvaluationListView } from "#lib/contracts/views/evaluation-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Section } from "../ui/section.tsx";
import { EvaluationForm } from "./evaluation-form.tsx";
import { EvaluationTable } from "./evaluation-table.tsx";

/** Evaluations of a version that Slipway ran, and the form for another one. */
export function EvaluationsPage({ initial }: { initial: EvaluationListView }) {
  const { data: view } = useQuery({ ...evaluationsQuery(initial.modelName, initial.versionName), initialData: initial });
  const now = useServerNow(view.asOf);
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: modelPath(view.modelName), label: view.modelName },
          { href: versionPath(view.modelName, view.versionName), label: view.versionName },
          { label: "Evaluations" },
        ]}
        asOf={view.asOf}
      />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>
            Evaluations of {view.modelName} {view.versionName}
          </h1>
          <p className="sub">Slipway runs the version over rows it has not seen and keeps the figures as evidence, with the digest of the rows and of the version.</p>
        </div>
      </div>
      {view.rows.length === 0 ? null : (
        <Section id="evaluations" title="Evaluations" caption={formatCount(view.rows.length, "evaluation")}>
          <EvaluationTable modelName={view.modelName} versionName={view.versionName} rows={view.rows} now={now} />
        </Section>
      )}
      <EvaluationForm view={view} />
    </>
  );
}
