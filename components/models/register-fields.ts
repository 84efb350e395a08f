import type { FieldDraft } from "#lib/client/contract-draft.ts";
import { contractFieldId } from "./contract-editor.tsx";

const FACT_IDS: Readonly<Record<string, string>> = {
  name: "name",
  version: "version",
  intendedUse: "intendedUse",
  riskTier: "riskTier",
  owner: "owner",
  parent: "parent",
  labelOutput: "labelOutput",
  card: "card",
  evaluation: "evaluation",
  golden: "golden",
  locks: "locks",
  model: "file",
  files: "file",
};

/** Where on the register page a JSON pointer of the API leads; null when it has no place of its own. */
export function fieldIdFor(pointer: string): string | null {
  if (pointer.startsWith("/contract")) return contractFieldId(pointer.slice("/contract".length));
  const [, first = "", second] = pointer.split("/");
  return first === "lineage" ? `lineage-${second ?? "run"}` : (FACT_IDS[first] ?? null);
}

const NAMES: Readonly<Record<string, string>> = {
  intendedUse: "Intended use",
  riskTier: "Risk tier",
  labelOutput: "Output that names the class",
  locks: "Dependencies",
};

/** What people call the thing a pointer speaks of. */
export function problemName(pointer: string, fields: readonly FieldDraft[]): string {
  const [, first = "", second, index] = pointer.split("/");
  if (first === "contract") {
    return second === "fields" && index !== undefined
      ? (fields[Number(index)]?.base.field ?? "Contract")
      : "Contract";
  }
  return NAMES[first] ?? first.charAt(0).toUpperCase() + first.slice(1);
}
