import clocks from "../governance/catalogue/data/regulatory-clocks.json" with { type: "json" };
import type { Harm, LawRole } from "./harm.ts";

/** How long a clock runs. Hours are elapsed hours; work days leave out Saturdays and Sundays, and no holidays, so the answer is never too late. */
export type ClockLength =
  | { readonly unit: "hours"; readonly count: number }
  | { readonly unit: "days"; readonly count: number }
  | { readonly unit: "work_days"; readonly count: number }
  | { readonly unit: "at_once" };

/** What the catalogue says of a clock, and what of an incident's facts starts it. */
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
  readonly length: ClockLength;
  /** What the law adds to the number. */
  readonly also: string;
  readonly recipient: string;
  /** primary: read in the text of the law. memory: not opened this time; counsel confirms. */
  readonly confidence: "primary" | "memory";
  /** False: somebody else's clock, shown so that nobody is surprised. */
  readonly isOurs: boolean;
};

type Condition = Pick<ClockRule, "harms" | "lawRoles" | "sectors" | "isOurs">;

/** The texts are the catalogue's; here stands only which facts of an incident start which clock. */
const STARTS: Readonly<Record<string, Condition>> = {
  "eu-73-4": { harms: ["death"], lawRoles: ["provider"], sectors: [], isOurs: true },
  "eu-73-3": { harms: ["critical_infrastructure", "widespread_infringement"], lawRoles: ["provider"], sectors: [], isOurs: true },
  "eu-73-2": { harms: ["serious_health_harm", "fundamental_rights", "property_or_environment"], lawRoles: ["provider"], sectors: [], isOurs: true },
  "eu-26-5": { harms: ["death", "serious_health_harm", "fundamental_rights", "property_or_environment", "critical_infrastructure", "widespread_infringement"], lawRoles: ["deployer"], sectors: [], isOurs: true },
  "eu-26-10": { harms: ["biometric_identification"], lawRoles: ["deployer"], sectors: [], isOurs: true },
  "eu-73-8": { harms: ["authority_measures"], lawRoles: [], sectors: [], isOurs: false },
  "fda-803-30": { harms: ["death", "serious_health_harm", "reportable_malfunction"], lawRoles: [], sectors: ["healthcare"], isOurs: true },
  "fda-803-5": { harms: ["urgent_remedial_action"], lawRoles: [], sectors: ["healthcare"], isOurs: true },
  "fda-806-10": { harms: ["correction_or_removal"], lawRoles: [], sectors: ["healthcare"], isOurs: true },
};

function lengthOf(id: string, { unit, count }: { readonly unit: string; readonly count?: number }): ClockLength {
  if (unit === "at_once") return { unit };
  if ((unit === "hours" || unit === "days" || unit === "work_days") && count !== undefined) return { unit, count };
  throw new Error(`The catalogue's clock ${id} has no length that is known.`);
}

/** The clocks of the catalogue that an incident can start, in its order. */
export const CLOCK_RULES: readonly ClockRule[] = clocks.map((clock) => {
  const starts = STARTS[clock.id];
  if (starts === undefined) throw new Error(`Nothing says what starts the catalogue's clock ${clock.id}.`);
  return {
    ...starts,
    id: clock.id,
    citation: clock.citation,
    law: clock.law === "FDA" ? "FDA" : "EU AI Act",
    jurisdiction: clock.jurisdiction === "US" ? "US" : "EU",
    duty: clock.duty,
    length: lengthOf(clock.id, clock.length),
    also: clock.also,
    recipient: clock.recipient,
    confidence: clock.verified === "primary" ? "primary" : "memory",
  };
});
