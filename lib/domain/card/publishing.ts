import type { Contradiction } from "./contradictions.ts";
import { CARD_SECTIONS, type Completeness, type Sections } from "./sections.ts";

export type CardSignatureFact = { readonly personId: string; readonly digest: string; readonly isVoid: boolean };

/** Signatures that count: of the present digest, not void, by somebody who wrote no section of it and did not make the version. */
export function standingSignatures(
  signatures: readonly CardSignatureFact[],
  digest: string,
  sections: Sections,
  versionAuthorPersonId: string,
): CardSignatureFact[] {
  const authors = new Set([versionAuthorPersonId, ...Object.values(sections).map(({ personId }) => personId)]);
  const seen = new Set<string>();
  return signatures.filter(({ personId, digest: signed, isVoid }) => {
    if (isVoid || signed !== digest || authors.has(personId) || seen.has(personId)) return false;
    seen.add(personId);
    return true;
  });
}

/** What still stops a card from being published, one sentence each; empty when nothing does. */
export function publishingRefusals(input: {
  readonly completeness: Completeness;
  readonly contradictions: readonly Contradiction[];
  readonly standing: number;
  readonly needed: number;
}): string[] {
  const { completeness, contradictions, standing, needed } = input;
  return [
    ...completeness.missing.map((name) => `“${CARD_SECTIONS[name].title}” is not written.`),
    ...contradictions.map(({ metric, written, evidence }) => `${metric} is given as ${written}; the evidence says ${String(evidence)}.`),
    ...(standing < needed ? [`${String(needed - standing)} more ${needed - standing === 1 ? "signature" : "signatures"} of people who wrote none of it ${needed - standing === 1 ? "is" : "are"} needed.`] : []),
  ];
}

/** How many independent people sign: one, or two for risk tier high. */
export const signaturesNeeded = (riskTier: string): number => (riskTier === "high" ? 2 : 1);
