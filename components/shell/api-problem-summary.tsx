"use client";

import type { ApiProblem } from "#lib/client/api-client.ts";
import { ProblemSummary } from "../ui/problem-summary.tsx";

export type ApiProblemSummaryProps = {
  readonly problem: ApiProblem | null;
  /** The id of the control that a JSON pointer speaks of; null when it has none on this page. */
  readonly fieldFor: (pointer: string) => string | null;
};

/** A refusal above its form: takes focus, names each problem and leads to its field. */
export function ApiProblemSummary({ problem, fieldFor }: ApiProblemSummaryProps) {
  if (problem === null) return null;
  return (
    <ProblemSummary
      key={`${problem.requestId ?? ""} ${problem.message}`}
      title={problem.message}
      items={problem.fields.map(({ pointer, message }) => ({
        fieldId: fieldFor(pointer),
        message,
      }))}
      hint={problem.hint}
      requestId={problem.requestId}
    />
  );
}
