"use client";

import type { ApiProblem } from "#lib/client/api-client.ts";
import { ProblemSummary } from "../ui/problem-summary.tsx";

/** The refusal of an act above its form; problems with a field lead there. `fields` maps JSON pointers to ids. */
export function ActProblem({
  problem,
  fields = {},
}: {
  problem: ApiProblem | null;
  fields?: Readonly<Record<string, string>>;
}) {
  if (problem === null) return null;
  return (
    <ProblemSummary
      key={`${problem.code} ${problem.message}`}
      title={problem.message}
      items={problem.fields.map((field) => ({
        fieldId: fields[field.pointer] ?? null,
        message: field.message,
      }))}
      hint={problem.hint}
      requestId={problem.requestId}
    />
  );
}
