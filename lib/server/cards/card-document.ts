import type { Claim } from "#lib/domain/card/contradictions.ts";
import type { CardFact, CardFactGroup, FactGroupName } from "#lib/domain/card/facts.ts";
import type { SectionName, Sections } from "#lib/domain/card/sections.ts";

/** A card on its way out: what every format is written from. */
export type CardDocument = {
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly riskTier: string;
  readonly revision: number;
  readonly state: "draft" | "published" | "replaced";
  readonly publishedAt: string | null;
  readonly madeAt: string;
  readonly generator: string;
  readonly sections: Sections;
  readonly groups: readonly CardFactGroup[];
  readonly signatures: readonly { readonly signedName: string; readonly meaning: string; readonly reason: string; readonly signedAt: string; readonly digest: string }[];
};

/** A card on its way in: what a format could tell. */
export type ReadCard = {
  readonly sections: ReadonlyMap<SectionName, string>;
  readonly claims: readonly Claim[];
  /** Parts that have no place here, by name. */
  readonly ignored: readonly string[];
};

export const factsIn = (document: CardDocument, name: FactGroupName): readonly CardFact[] =>
  document.groups.find((group) => group.name === name)?.facts ?? [];

export const factValue = (document: CardDocument, name: FactGroupName, key: string): string | null =>
  factsIn(document, name).find((one) => one.key === key)?.value ?? null;

/** Metric facts with their exact figures: of the whole and of slices. */
export const metricsOf = (document: CardDocument): readonly (CardFact & { readonly metric: string; readonly slice: string | null })[] =>
  [...factsIn(document, "performance"), ...factsIn(document, "slices")].map((one) => {
    const [, metric = one.label, ...slice] = one.key.split(":");
    return { ...one, metric, slice: slice.length === 0 ? null : slice.join(":") };
  });

/** Texts of several sections under one member of another format, and back: parted by an empty line. */
export const sectionText = (sections: Sections, name: SectionName): string => sections[name]?.text.trim() ?? "";
