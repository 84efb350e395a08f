import type { Answers } from "./profile.ts";

/** Answers of a system that no list of the Act names: every question answered no. What a real system differs in is written over it. */
export const PLAIN = {
  roles: ["provider", "deployer"],
  outOfScope: "none",
  prohibited: [],
  annexI: "none",
  annexIii: [],
  profilesPersons: false,
  exemption: "none",
  transparency: [],
  traits: [],
  bank: false,
  policiesCiteSr117: false,
  device: "none",
  electronicRecords: false,
  decidesUsCredit: false,
  followsNistAiRmf: true,
} satisfies Answers;
