/** What a person answers about a system; from it follows which duties bind it. Never a list of duties chosen by hand. */

export const AI_ROLES = ["provider", "deployer", "importer", "distributor", "authorised_representative", "product_manufacturer"] as const;
export type AiRole = (typeof AI_ROLES)[number];

export const OUT_OF_SCOPE = ["none", "military", "research_only", "personal"] as const;
export const ANNEX_I = ["none", "third_party_assessed", "assists_only"] as const;
export const EXEMPTIONS = ["none", "narrow_procedural", "improves_completed", "detects_patterns", "preparatory"] as const;
export const TRANSPARENCY = ["interacts", "generates", "emotion_or_categorisation", "deep_fake"] as const;
export type Transparency = (typeof TRANSPARENCY)[number];

/** Art. 5(1), ten entries; (ba) and (bb) from 2 December 2026. */
export const PROHIBITED = ["a", "b", "c", "d", "e", "f", "g", "h", "ba", "bb"] as const;
export type Prohibited = (typeof PROHIBITED)[number];

/** Circumstances that single duties depend on. */
export const TRAITS = [
  "real_world_testing",
  "special_category_data",
  "continual_learning",
  "provider_outside_eu",
  "role_change",
  "employer",
  "public_authority",
  "personal_data",
  "post_remote_identification",
  "sector_regime",
  "legal_or_similar_effect",
  "in_service_before",
] as const;
export type Trait = (typeof TRAITS)[number];

export const DEVICE = ["none", "device", "device_with_change_plan"] as const;

export type Answers = {
  readonly roles: readonly AiRole[];
  readonly outOfScope: (typeof OUT_OF_SCOPE)[number];
  readonly prohibited: readonly Prohibited[];
  readonly annexI: (typeof ANNEX_I)[number];
  /** Points of Annex III, such as "5b". */
  readonly annexIii: readonly string[];
  readonly profilesPersons: boolean;
  readonly exemption: (typeof EXEMPTIONS)[number];
  readonly transparency: readonly Transparency[];
  readonly traits: readonly Trait[];
  readonly bank: boolean;
  readonly policiesCiteSr117: boolean;
  readonly device: (typeof DEVICE)[number];
  readonly electronicRecords: boolean;
  readonly decidesUsCredit: boolean;
  readonly followsNistAiRmf: boolean;
};

export type SystemFacts = {
  readonly jurisdictions: readonly string[];
  readonly sector: string | null;
  readonly riskTier: string;
};

export type ActClass = "outside" | "prohibited" | "high_risk" | "exempted" | "transparency" | "minimal";

export type Classification = {
  readonly actClass: ActClass;
  /** Why, one sentence a step, in the order in which it was decided. */
  readonly because: readonly string[];
  readonly routes: readonly ("annex_i" | "annex_iii")[];
  /** Duties of Art. 50 stack on top of any class. */
  readonly transparency: readonly Transparency[];
};

export const ACT_CLASS_WORDS: Readonly<Record<ActClass, string>> = {
  outside: "Outside the EU AI Act",
  prohibited: "Prohibited practice",
  high_risk: "High-risk",
  exempted: "Annex III, claimed not high-risk",
  transparency: "Transparency duties",
  minimal: "No specific duties",
};

export const PROHIBITED_WORDS: Readonly<Record<Prohibited, string>> = {
  a: "Subliminal or manipulative distortion that causes significant harm",
  b: "Exploits age, disability or social situation",
  c: "Social scoring with unrelated or disproportionate harm",
  d: "Predicts crime from profiling or traits only",
  e: "Untargeted scraping for face databases",
  f: "Infers emotions at work or in school",
  g: "Biometric categorisation into sensitive traits",
  h: "Real-time remote biometric identification for law enforcement outside the exceptions",
  ba: "Realistic intimate imagery of identifiable people without consent",
  bb: "Child sexual abuse material",
};

const LATER_BANS: readonly Prohibited[] = ["ba", "bb"];
const LATER_BANS_FROM_MS = Date.UTC(2026, 11, 2);

/**
 * The decision order of Art. 2, 5, 6 and 50: outside the scope, then the bans, then Annex I, then Annex III, then profiling (no exit),
 * then the exits of Art. 6(3), then transparency. `nowMs` only because two bans begin on 2 December 2026.
 */
export function classify(answers: Answers, facts: SystemFacts, nowMs: number): Classification {
  const because: string[] = [];
  const made = (actClass: ActClass, routes: Classification["routes"] = []): Classification => ({
    actClass,
    because,
    routes,
    transparency: actClass === "outside" ? [] : answers.transparency,
  });
  if (!facts.jurisdictions.includes("EU")) {
    because.push("It is not offered or used in the EU.");
    return made("outside");
  }
  if (answers.outOfScope !== "none") {
    because.push("It is used for a purpose that Art. 2 leaves out.");
    return made("outside");
  }
  const banned = answers.prohibited.filter((ban) => !LATER_BANS.includes(ban) || nowMs >= LATER_BANS_FROM_MS);
  const soon = answers.prohibited.filter((ban) => !banned.includes(ban));
  if (soon.length > 0) because.push(`Art. 5(1)(${soon.join("), (")}) forbids it from 2 December 2026.`);
  if (banned.length > 0) {
    because.push(`Art. 5(1)(${banned.join("), (")}) forbids it.`);
    return made("prohibited");
  }
  const routes: ("annex_i" | "annex_iii")[] = [];
  if (answers.annexI === "third_party_assessed") {
    because.push("Annex I: a safety component, or a product that needs third-party assessment.");
    routes.push("annex_i");
  } else if (answers.annexI === "assists_only") because.push("Annex I product, but it only assists or optimises and its failure endangers nobody.");
  if (answers.annexIii.length > 0) {
    because.push(`Annex III point ${answers.annexIii.join(", ")}.`);
    if (answers.profilesPersons) because.push("It profiles natural persons, so Art. 6(3) has no exit.");
    if (answers.profilesPersons || answers.exemption === "none") routes.push("annex_iii");
    else because.push("An exit of Art. 6(3) is claimed: to be documented and registered.");
  }
  if (routes.length > 0) return made("high_risk", routes);
  if (answers.annexIii.length > 0) return made("exempted");
  if (answers.transparency.length > 0) {
    because.push("Art. 50 applies to how it meets people.");
    return made("transparency");
  }
  if (because.length === 0) because.push("Neither Annex I nor Annex III names this use.");
  return made("minimal");
}
