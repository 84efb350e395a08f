import fc from "fast-check";
import { AI_ROLES, ANNEX_I, DEVICE, EXEMPTIONS, OUT_OF_SCOPE, PROHIBITED, TRAITS, TRANSPARENCY, type Answers, type SystemFacts } from "./profile.ts";
import { ANNEX_III_USES } from "../catalogue/catalogues.ts";

export { PLAIN } from "./plain-answers.ts";

export const FACTS: SystemFacts = { jurisdictions: ["EU", "US"], sector: "financial_services", riskTier: "high" };

const some = <T>(all: readonly T[]) => fc.subarray([...all]);

export const answersArbitrary: fc.Arbitrary<Answers> = fc.record({
  roles: some(AI_ROLES),
  outOfScope: fc.constantFrom(...OUT_OF_SCOPE),
  prohibited: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(PROHIBITED) }),
  annexI: fc.constantFrom(...ANNEX_I),
  annexIii: some(ANNEX_III_USES.map(({ point }) => point)),
  profilesPersons: fc.boolean(),
  exemption: fc.constantFrom(...EXEMPTIONS),
  transparency: some(TRANSPARENCY),
  traits: some(TRAITS),
  bank: fc.boolean(),
  policiesCiteSr117: fc.boolean(),
  device: fc.constantFrom(...DEVICE),
  electronicRecords: fc.boolean(),
  decidesUsCredit: fc.boolean(),
  followsNistAiRmf: fc.boolean(),
});

export const factsArbitrary: fc.Arbitrary<SystemFacts> = fc.record({
  jurisdictions: some(["EU", "UK", "US", "other"]),
  sector: fc.constantFrom(null, "healthcare", "financial_services"),
  riskTier: fc.constantFrom("low", "medium", "high"),
});
