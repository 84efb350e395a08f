/** The authored part of a model card: which sections there are, who must write them, where other formats keep them. */

/** `always`: without it no card is published. `high_risk`: so for risk tier high. */
export type Need = "always" | "high_risk" | "optional";

export type SectionSpec = {
  readonly title: string;
  readonly asks: string;
  readonly need: Need;
  /** Sections of other card formats that say the same, as headings or members. */
  readonly aliases: readonly string[];
};

export const CARD_SECTIONS = {
  intendedUse: {
    title: "Intended use",
    asks: "Which decision it supports, in which process, to whose benefit.",
    need: "always",
    aliases: ["intended use", "intended uses", "use cases", "uses", "direct use", "purpose"],
  },
  users: { title: "Users and people affected", asks: "Who uses it, and about whom it decides.", need: "always", aliases: ["users", "intended users", "affected groups", "users and affected groups"] },
  outOfScope: {
    title: "Out of scope",
    asks: "What it is not for, and foreseeable misuse.",
    need: "always",
    aliases: ["out of scope", "out-of-scope use", "out-of-scope uses", "misuse", "restrictions"],
  },
  howItWorks: { title: "How it works", asks: "Method and structure, in words a reviewer can follow.", need: "always", aliases: ["model description", "overview", "how it works", "architecture", "what changed"] },
  trainingData: { title: "Training data", asks: "Origin, period, labelling, cleaning, personal data, known gaps.", need: "always", aliases: ["training data", "data", "datasets"] },
  evaluationChoice: { title: "Why these measures", asks: "Why these rows and these measures suit the intended use.", need: "high_risk", aliases: ["evaluation", "metrics", "evaluation data", "why these measures"] },
  fairness: { title: "Fairness", asks: "Groups looked at, differences found, what is done about them.", need: "high_risk", aliases: ["fairness", "bias", "bias, risks, and limitations", "fairness assessments"] },
  explanation: { title: "Explanation", asks: "How a single answer is explained, and how well that was tested.", need: "high_risk", aliases: ["explanation", "explainability", "interpretability"] },
  limitations: {
    title: "Limitations",
    asks: "Where it is weak, what was traded for what, what it assumes.",
    need: "always",
    aliases: ["limitations", "limits", "technical limitations", "caveats and recommendations", "tradeoffs", "performance tradeoffs"],
  },
  risks: { title: "Risks", asks: "Named risks, how severe, what lowers them, what remains.", need: "always", aliases: ["risks", "ethical considerations", "ethics"] },
  oversight: { title: "Human oversight", asks: "Who watches, how an answer is overridden, how it is stopped.", need: "high_risk", aliases: ["human oversight", "oversight"] },
  privacy: { title: "Privacy", asks: "Personal data, legal basis, retention, removal.", need: "high_risk", aliases: ["privacy"] },
  lifetime: { title: "Lifetime and maintenance", asks: "Until when it is fit, when it is reviewed, what ends it.", need: "high_risk", aliases: ["lifetime", "maintenance", "lifetime and maintenance"] },
  licence: { title: "Licence", asks: "Under which terms it may be used, by SPDX name if there is one.", need: "always", aliases: ["licence", "license", "licenses"] },
  energy: { title: "Energy", asks: "Energy of the training run in kWh and CO2 equivalent, with the source of the figure.", need: "optional", aliases: ["energy", "environmental impact", "environmental considerations"] },
} as const satisfies Readonly<Record<string, SectionSpec>>;

export type SectionName = keyof typeof CARD_SECTIONS;
export const SECTION_NAMES = Object.keys(CARD_SECTIONS) as readonly SectionName[];
export const isSectionName = (name: string): name is SectionName => Object.hasOwn(CARD_SECTIONS, name);

export type WrittenSection = {
  readonly text: string;
  /** Who wrote it: name for people, person for the separation of duties. */
  readonly by: string;
  readonly personId: string;
  readonly at: string;
  readonly origin: "typed" | "imported";
};
export type Sections = Readonly<Partial<Record<SectionName, WrittenSection>>>;

/** Which section a heading or member of another format belongs to; null when none. */
export function sectionOfHeading(heading: string): SectionName | null {
  const plain = heading.trim().replace(/[.:]+$/, "").toLowerCase();
  return SECTION_NAMES.find((name) => CARD_SECTIONS[name].title.toLowerCase() === plain || CARD_SECTIONS[name].aliases.some((alias) => alias === plain)) ?? null;
}

export type Completeness = {
  readonly required: number;
  readonly written: number;
  readonly missing: readonly SectionName[];
};

/** How much of what this risk tier must say is written. */
export function completenessOf(sections: Sections, riskTier: string): Completeness {
  const required = SECTION_NAMES.filter((name) => {
    const { need } = CARD_SECTIONS[name];
    return need === "always" || (need === "high_risk" && riskTier === "high");
  });
  const missing = required.filter((name) => (sections[name]?.text.trim() ?? "") === "");
  return { required: required.length, written: required.length - missing.length, missing };
}
