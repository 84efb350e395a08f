import type { CardFact, CardFactGroup } from "./facts.ts";
import { SECTION_NAMES, type SectionName, type Sections } from "./sections.ts";

/** A figure that an imported card states about a measure. */
export type Claim = { readonly metric: string; readonly value: number; readonly slice: string | null; readonly source: string };

export type Contradiction = {
  /** Null for a claim of an imported document. */
  readonly section: SectionName | null;
  readonly metric: string;
  /** As it is written. */
  readonly written: string;
  /** As the evidence has it. */
  readonly evidence: number;
  readonly evidenceId: string | null;
};

/** "areaUnderRoc" and "Area under ROC" are one name. */
export const plainMetric = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

/** Whether a figure as printed, with so many decimals, can stand for the exact one. */
function isRounding(printed: string, exact: number, scale: number): boolean {
  const decimals = printed.split(".")[1]?.length ?? 0;
  return Math.abs(Number(printed) - exact * scale) <= 0.5 * 10 ** -decimals + 1e-9;
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)\s*(%|percent)?`;
/** Between a measure's name and its figure no other sentence, number or comparison may stand. */
const BRIDGE = String.raw`(?:\s+(?:is|was|of|at|reaches|reached|came to|on [a-z ]{1,30}|equals)\b|\s*[:=|,(]|\s)+\s*`;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

type Named = { readonly words: string; readonly fact: CardFact };

function measures(groups: readonly CardFactGroup[]): Named[] {
  return groups
    .filter(({ isLive }) => !isLive)
    .flatMap(({ facts }) => facts)
    .filter((fact) => fact.key.startsWith("metric:") && fact.number !== null)
    .map((fact) => ({ words: plainMetric(fact.key.slice("metric:".length)), fact }));
}

/** A longer measure's name that ends in this one: "balanced accuracy 0.9" says nothing of accuracy. */
function isTailOfLonger(before: string, words: string, all: readonly Named[]): boolean {
  return all.some(({ words: other }) => other !== words && other.endsWith(` ${words}`) && before.endsWith(other.slice(0, -words.length - 1)));
}

/** Words that before a measure's name make it another measure, or another group's. */
const OTHER_MEASURE = /(?:balanced|weighted|macro|micro|top|training|validation|previous|last|stable|human|target|minimum|at least|below|above|under|over)[- ]?$/;

function inText(section: SectionName, text: string, { words, fact }: Named, all: readonly Named[]): Contradiction[] {
  const exact = fact.number;
  if (exact === null) return [];
  const plain = text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().replace(/[:_*`]+/g, " ");
  const name = words.split(" ").map(escaped).join(String.raw`[\s,-]+`);
  const found: Contradiction[] = [];
  for (const match of plain.matchAll(new RegExp(String.raw`\b${name}\b${BRIDGE}${NUMBER}`, "g"))) {
    const before = plain.slice(Math.max(0, match.index - 40), match.index).trimEnd();
    if (OTHER_MEASURE.test(before) || isTailOfLonger(before, words, all)) continue;
    const [, printed = "", percent] = match;
    const isPercent = percent !== undefined || (Math.abs(exact) <= 1 && Math.abs(Number(printed)) > 1.5 && Math.abs(Number(printed)) <= 100);
    if (isRounding(printed, exact, isPercent ? 100 : 1)) continue;
    found.push({ section, metric: fact.label, written: `${printed}${percent === undefined ? "" : " %"}`, evidence: exact, evidenceId: fact.evidenceId });
  }
  return found;
}

function inClaim(claim: Claim, all: readonly Named[]): Contradiction[] {
  if (claim.slice !== null) return [];
  const named = all.find(({ words }) => words === plainMetric(claim.metric));
  const exact = named?.fact.number ?? null;
  if (named === undefined || exact === null) return [];
  const printed = String(claim.value);
  return isRounding(printed, exact, 1) ? [] : [{ section: null, metric: named.fact.label, written: printed, evidence: exact, evidenceId: named.fact.evidenceId }];
}

/**
 * Every figure in the authored text, and in what was imported, that is said of a measure and is not what its evidence says. A figure counts as equal
 * when it is the exact one rounded to the digits that are printed, as a share or in percent.
 */
export function contradictionsIn(sections: Sections, claims: readonly Claim[], groups: readonly CardFactGroup[]): Contradiction[] {
  const all = measures(groups);
  const typed = SECTION_NAMES.flatMap((section) => all.flatMap((named) => inText(section, sections[section]?.text ?? "", named, all)));
  return [...typed, ...claims.flatMap((claim) => inClaim(claim, all))];
}
