"use client";

import type { ApiProblem } from "#lib/client/api-client.ts";
import { ApiProblemSummary } from "./api-problem-summary.tsx";

/** The refusal of an act above its form; `fields` maps JSON pointers to the ids of controls that a problem leads to. */
export function ActProblem({ problem, fields = {} }: { problem: ApiProblem | null; fields?: Readonly<Record<string, string>> }) {
  return <ApiProblemSummary problem={problem} fieldFor={(pointer) => fields[pointer] ?? null} />;
}
