import labels from "../catalogue/data/evidence-kinds.json" with { type: "json" };
import { GOVERNANCE_KINDS } from "./governance-kinds.ts";
import type { KindSpec } from "./kind.ts";
import { MONITORING_KINDS } from "./monitoring-kinds.ts";
import { RELEASE_KINDS } from "./release-kinds.ts";
import { VERSION_KINDS } from "./version-kinds.ts";

/** A kind with what the catalogue says of it: its name, what is checked in words, and how fresh it must be in words. */
export type EvidenceKindInfo = KindSpec & {
  readonly label: string;
  readonly check: string;
  readonly freshness: string;
  readonly automation: "auto" | "assisted" | "manual";
};

type Label = { readonly id: string; readonly label: string; readonly check: string; readonly freshness: string; readonly automation: string };
const words = new Map((labels as readonly Label[]).map((label) => [label.id, label]));

const automationOf = (text: string): EvidenceKindInfo["automation"] => (text === "auto" || text === "manual" ? text : "assisted");

/** All kinds of the catalogue, 98. */
export const KINDS: readonly EvidenceKindInfo[] = [...VERSION_KINDS, ...RELEASE_KINDS, ...MONITORING_KINDS, ...GOVERNANCE_KINDS].map((spec) => {
  const said = words.get(spec.id);
  if (said === undefined) throw new Error(`The catalogue does not know the kind ${spec.id}.`);
  return { ...spec, label: said.label, check: said.check, freshness: said.freshness, automation: automationOf(said.automation) };
});

const byId = new Map(KINDS.map((info) => [info.id, info]));

export const findKind = (id: string): EvidenceKindInfo | null => byId.get(id) ?? null;

/** Throws for a kind that is in no catalogue: a mistake of ours, not of a caller. */
export function getKind(id: string): EvidenceKindInfo {
  const info = byId.get(id);
  if (info === undefined) throw new Error(`There is no evidence kind ${id}.`);
  return info;
}

export const KIND_IDS: readonly string[] = KINDS.map(({ id }) => id);
