import type { Harm, LawRole } from "./harm.ts";

/** How long a clock runs. Hours are elapsed hours; work days leave out Saturdays and Sundays, and no holidays, so the answer is never too late. */
export type ClockLength =
  | { readonly unit: "hours"; readonly count: number }
  | { readonly unit: "days"; readonly count: number }
  | { readonly unit: "work_days"; readonly count: number }
  | { readonly unit: "at_once" };

export type ClockRule = {
  /** Id in the catalogue of regulatory clocks. */
  readonly id: string;
  readonly citation: string;
  readonly law: "EU AI Act" | "FDA";
  readonly duty: string;
  readonly harms: readonly Harm[];
  /** Empty: whoever we are. */
  readonly lawRoles: readonly LawRole[];
  readonly jurisdiction: "EU" | "US";
  readonly sectors: readonly string[];
  readonly starts: "awareness";
  readonly length: ClockLength;
  /** What the law adds to the number. */
  readonly also: string;
  readonly recipient: string;
  /** primary: read in the text of the law. memory: not opened this time; counsel confirms. */
  readonly confidence: "primary" | "memory";
  /** False: somebody else's clock, shown so that nobody is surprised. */
  readonly isOurs: boolean;
};

const eu = { law: "EU AI Act", jurisdiction: "EU", sectors: [], starts: "awareness", confidence: "primary", isOurs: true } as const;
const fda = {
  law: "FDA",
  jurisdiction: "US",
  sectors: ["healthcare"],
  starts: "awareness",
  confidence: "memory",
  isOurs: true,
  recipient: "FDA",
  lawRoles: [],
} as const;

/** The clocks of `regulatory-clocks.json`, with what starts each in terms of an incident's facts. */
export const CLOCK_RULES: readonly ClockRule[] = [
  {
    ...eu,
    id: "eu-73-4",
    citation: "Regulation (EU) 2024/1689, Art. 73(4)",
    duty: "Report the death of a person",
    harms: ["death"],
    lawRoles: ["provider"],
    length: { unit: "days", count: 10 },
    also: "Immediately once a causal relation is established or suspected.",
    recipient: "Market surveillance authority",
  },
  {
    ...eu,
    id: "eu-73-3",
    citation: "Regulation (EU) 2024/1689, Art. 73(3)",
    duty: "Report a widespread infringement or a disruption of critical infrastructure",
    harms: ["critical_infrastructure", "widespread_infringement"],
    lawRoles: ["provider"],
    length: { unit: "days", count: 2 },
    also: "Immediately, and at the latest then.",
    recipient: "Market surveillance authority",
  },
  {
    ...eu,
    id: "eu-73-2",
    citation: "Regulation (EU) 2024/1689, Art. 73(2)",
    duty: "Report a serious incident",
    harms: ["serious_health_harm", "fundamental_rights", "property_or_environment"],
    lawRoles: ["provider"],
    length: { unit: "days", count: 15 },
    also: "Immediately once a causal link, or its reasonable likelihood, is established.",
    recipient: "Market surveillance authority of the Member State of the incident",
  },
  {
    ...eu,
    id: "eu-26-5",
    citation: "Regulation (EU) 2024/1689, Art. 26(5)",
    duty: "Tell the provider of a serious incident",
    harms: ["death", "serious_health_harm", "fundamental_rights", "property_or_environment", "critical_infrastructure", "widespread_infringement"],
    lawRoles: ["deployer"],
    length: { unit: "at_once" },
    also: "The provider first, then importer or distributor and the authority.",
    recipient: "Provider",
  },
  {
    ...eu,
    id: "eu-26-10",
    citation: "Regulation (EU) 2024/1689, Art. 26(10)",
    duty: "Ask for authorisation of a post-remote biometric identification",
    harms: ["biometric_identification"],
    lawRoles: ["deployer"],
    length: { unit: "hours", count: 48 },
    also: "Before the use, or without undue delay and at the latest then.",
    recipient: "Judicial or administrative authority",
  },
  {
    ...eu,
    id: "eu-73-8",
    citation: "Regulation (EU) 2024/1689, Art. 73(8)",
    duty: "The authority takes measures",
    harms: ["authority_measures"],
    lawRoles: [],
    length: { unit: "days", count: 7 },
    also: "The authority’s own clock, shown for information.",
    recipient: "None: the authority acts",
    isOurs: false,
  },
  {
    ...fda,
    id: "fda-803-30",
    citation: "21 CFR 803.50",
    duty: "Report a death, a serious injury or a reportable malfunction",
    harms: ["death", "serious_health_harm", "reportable_malfunction"],
    length: { unit: "days", count: 30 },
    also: "Calendar days.",
  },
  {
    ...fda,
    id: "fda-803-5",
    citation: "21 CFR 803.53",
    duty: "Report an event that needs remedial action",
    harms: ["urgent_remedial_action"],
    length: { unit: "work_days", count: 5 },
    also: "Also when FDA asks in writing.",
  },
  {
    ...fda,
    id: "fda-806-10",
    citation: "21 CFR 806.10",
    duty: "Report a correction or removal",
    harms: ["correction_or_removal"],
    length: { unit: "work_days", count: 10 },
    also: "Counted from when the correction or removal began; here from the recorded moment of awareness, which is not later.",
  },
];
