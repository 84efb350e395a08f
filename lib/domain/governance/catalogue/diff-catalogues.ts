import type { Catalogue, Control } from "./types.ts";

export type CatalogueDiff = {
  readonly from: string;
  readonly to: string;
  readonly added: readonly Control[];
  readonly removed: readonly Control[];
  readonly changed: readonly { readonly id: string; readonly title: string; readonly fields: readonly string[] }[];
  /** Kinds of evidence that the new one asks for and the old one did not ask for anywhere. */
  readonly newEvidence: readonly string[];
};

const FIELDS = ["citation", "title", "obligation", "phase", "appliesTo", "evidence", "automation", "bindingness", "status", "appliesFrom", "checklist", "sourceConfidence", "note"] as const;

function changedFields(before: Control, after: Control): string[] {
  return FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}

/** What would be different under another catalogue: shown before anybody switches. */
export function diffCatalogues(from: Catalogue, to: Catalogue): CatalogueDiff {
  const before = new Map(from.controls.map((control) => [control.id, control]));
  const after = new Map(to.controls.map((control) => [control.id, control]));
  const known = new Set(from.controls.flatMap(({ evidence }) => evidence));
  return {
    from: from.version,
    to: to.version,
    added: to.controls.filter(({ id }) => !before.has(id)),
    removed: from.controls.filter(({ id }) => !after.has(id)),
    changed: to.controls.flatMap((control) => {
      const old = before.get(control.id);
      const fields = old === undefined ? [] : changedFields(old, control);
      return fields.length === 0 ? [] : [{ id: control.id, title: control.title, fields }];
    }),
    newEvidence: [...new Set(to.controls.flatMap(({ evidence }) => evidence))].filter((kind) => !known.has(kind)).sort(),
  };
}
