import type { Finding, FindingSeverity } from "./types.ts";

const severityOrder: Readonly<Record<FindingSeverity, number>> = { block: 0, warn: 1, note: 2, passed: 3 };

/** What stops first, then what asks for a look, then what informs. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => severityOrder[a.severity] - severityOrder[b.severity]);
}
