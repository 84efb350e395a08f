import consumerFinance from "./data/consumer-finance.json" with { type: "json" };
import controls from "./data/controls.json" with { type: "json" };
import crosswalk from "./data/model-risk-crosswalk.json" with { type: "json" };
import annexIii from "./data/annex-iii-uses.json" with { type: "json" };
import actDates from "./data/eu-ai-act-dates.json" with { type: "json" };
import penalties from "./data/penalties.json" with { type: "json" };
import clocks from "./data/regulatory-clocks.json" with { type: "json" };
import type { ActDate, AnnexIiiUse, Catalogue, Control, CrosswalkRow, FrameworkId, Penalty, RegulatoryClock } from "./types.ts";

/** The data is checked against its shape by `catalogue.test.ts`; here it only gets its type. */
const base = controls as unknown as readonly Control[];
const credit = consumerFinance as unknown as readonly Control[];

/** Every catalogue ever shipped, oldest first: a release judged by an old one stays readable. */
export const CATALOGUES: readonly Catalogue[] = [
  {
    version: "2026.11.1",
    asOf: "2026-11-23",
    summary: "EU AI Act as amended by 2026/1744, SR 26-2 with SR 11-7, FDA change plans, GMLP, Part 11, NIST AI RMF 1.0.",
    controls: base,
  },
  {
    version: "2026.11.2",
    asOf: "2026-11-29",
    summary: "Adds consumer credit: ECOA and Regulation B as amended in force 21 July 2026.",
    controls: [...base, ...credit],
  },
];

const newest = CATALOGUES.at(-1);
if (newest === undefined) throw new Error("There is no catalogue.");

/** What a new installation starts with. */
export const NEWEST_CATALOGUE: Catalogue = newest;

/** Null for a version that was never shipped. */
export const findCatalogue = (version: string): Catalogue | null =>
  CATALOGUES.find((catalogue) => catalogue.version === version) ?? null;

export const ANNEX_III_USES: readonly AnnexIiiUse[] = annexIii;
export const ACT_DATES: readonly ActDate[] = actDates;
export const PENALTIES: readonly Penalty[] = penalties;
export const REGULATORY_CLOCKS: readonly RegulatoryClock[] = clocks;
export const MODEL_RISK_CROSSWALK: readonly CrosswalkRow[] = crosswalk;

export type FrameworkInfo = {
  readonly id: FrameworkId;
  /** Stands in addresses. */
  readonly slug: string;
  readonly name: string;
  readonly body: string;
  /** Sector as people say it, for the sector table. */
  readonly sector: string;
  readonly standing: string;
};

export const FRAMEWORK_INFO: readonly FrameworkInfo[] = [
  { id: "EU_AI_ACT", slug: "eu-ai-act", name: "EU AI Act", body: "European Commission, market surveillance authorities", sector: "Any, by use", standing: "Regulation 2024/1689 as amended by 2026/1744" },
  { id: "SR_26_2", slug: "sr-26-2", name: "SR 26-2 / OCC 2026-13", body: "Federal Reserve, OCC, FDIC", sector: "Financial services", standing: "Supervisory guidance of 17 April 2026; replaces SR 11-7" },
  { id: "SR_11_7", slug: "sr-11-7", name: "SR 11-7 / OCC 2011-12", body: "Federal Reserve, OCC", sector: "Financial services", standing: "Rescinded 17 April 2026; kept for policies that still cite it" },
  { id: "CFPB_REG_B", slug: "reg-b", name: "ECOA, Regulation B", body: "CFPB and the banking agencies", sector: "Consumer finance", standing: "12 CFR part 1002, amended in force 21 July 2026" },
  { id: "FDA_PCCP", slug: "fda-pccp", name: "FDA change plan (PCCP) and device rules", body: "FDA", sector: "Healthcare", standing: "FD&C Act s. 515C, final guidance of December 2024 reissued August 2025" },
  { id: "FDA_GMLP", slug: "gmlp", name: "Good machine learning practice", body: "FDA, Health Canada, MHRA; IMDRF N88", sector: "Healthcare", standing: "Guiding principles" },
  { id: "FDA_PART_11", slug: "part-11", name: "21 CFR Part 11", body: "FDA", sector: "Life sciences", standing: "Electronic records and signatures" },
  { id: "NIST_AI_RMF", slug: "nist-ai-rmf", name: "NIST AI RMF 1.0", body: "NIST", sector: "Any, voluntary", standing: "NIST AI 100-1, 72 subcategories" },
];

export const frameworkInfo = (id: FrameworkId): FrameworkInfo => {
  const found = FRAMEWORK_INFO.find((info) => info.id === id);
  if (found === undefined) throw new Error(`No framework ${id}.`);
  return found;
};

/** Kinds of control first by force: law, then guidance, then what is voluntary. Counts are never added across bands. */
export type ForceBand = "law" | "guidance" | "voluntary";

export function forceBand({ bindingness }: Pick<Control, "bindingness">): ForceBand {
  if (bindingness === "law") return "law";
  return bindingness === "voluntary" || bindingness === "superseded" ? "voluntary" : "guidance";
}

const FORCE_WORDS: Readonly<Record<Control["bindingness"], string>> = {
  law: "Law",
  "supervisory-guidance": "Supervisory guidance",
  guidance: "Guidance",
  "guiding-principle": "Guiding principle",
  "agency-plan": "Agency plan",
  "draft-guidance": "Draft guidance",
  voluntary: "Voluntary",
  superseded: "Superseded",
};

const CONFIDENCE_WORDS: Readonly<Record<Control["sourceConfidence"], string>> = {
  "primary-text": "Read in the primary text",
  "primary-quoted-by-secondary": "Primary text read in a verbatim copy",
  secondary: "Read in sources that cite the primary text",
  "memory-and-secondary": "Primary text not opened; have counsel confirm",
};

/** What the screen says of its force. A duty whose text nobody opened is not called law without saying so. */
export const forceWords = ({ bindingness, sourceConfidence }: Pick<Control, "bindingness" | "sourceConfidence">): string =>
  bindingness === "law" && sourceConfidence === "memory-and-secondary" ? "Law, reading not confirmed" : FORCE_WORDS[bindingness];

export const confidenceWords = ({ sourceConfidence }: Pick<Control, "sourceConfidence">): string =>
  CONFIDENCE_WORDS[sourceConfidence];
