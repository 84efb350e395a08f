import type { ConditionId, Control, FrameworkId } from "../catalogue/types.ts";
import type { Answers, Classification, SystemFacts } from "./profile.ts";

/** All that applicability is computed from. */
export type SystemProfile = {
  readonly answers: Answers;
  readonly classification: Classification;
  readonly facts: SystemFacts;
};

export type Applicability = { readonly applies: true } | { readonly applies: false; readonly reason: string };

const YES: Applicability = { applies: true };
const not = (reason: string): Applicability => ({ applies: false, reason });
const only = (holds: boolean, reason: string): Applicability => (holds ? YES : not(reason));

const isHighRisk = ({ classification }: SystemProfile): boolean => classification.actClass === "high_risk";
const has = ({ answers }: SystemProfile, trait: Answers["traits"][number]): boolean => answers.traits.includes(trait);
const annexIii = (profile: SystemProfile): readonly string[] => (isHighRisk(profile) ? profile.answers.annexIii : []);
const notPoint2 = (profile: SystemProfile): boolean => annexIii(profile).some((point) => point !== "2");

function highRiskAnd(profile: SystemProfile, holds: boolean, reason: string): Applicability {
  if (!isHighRisk(profile)) return not("It is not a high-risk system.");
  return only(holds, reason);
}

const CONDITIONS: Readonly<Record<ConditionId, (profile: SystemProfile) => Applicability>> = {
  eu_any_system: () => YES,
  eu_exemption_claimed: ({ classification }) => only(classification.actClass === "exempted", "No exit of Art. 6(3) is claimed."),
  eu_high_risk: (profile) => only(isHighRisk(profile), "It is not a high-risk system."),
  eu_real_world_testing: (profile) => highRiskAnd(profile, has(profile, "real_world_testing"), "It is not tested in the real world before market entry."),
  eu_special_category_data: (profile) => only(has(profile, "special_category_data"), "No special categories of data are used to find bias."),
  eu_remote_identification: (profile) => highRiskAnd(profile, annexIii(profile).includes("1a"), "It does not identify people remotely (Annex III point 1a)."),
  eu_continual_learning: (profile) => highRiskAnd(profile, has(profile, "continual_learning"), "It does not go on learning in use."),
  eu_provider_outside: (profile) => highRiskAnd(profile, has(profile, "provider_outside_eu"), "The provider is established in the EU."),
  eu_role_change: (profile) => only(has(profile, "role_change"), "Nobody rebranded it, changed it substantially or gave it another purpose."),
  eu_employer: (profile) => highRiskAnd(profile, has(profile, "employer"), "It is not used by an employer at the workplace."),
  eu_public_authority: (profile) => highRiskAnd(profile, has(profile, "public_authority"), "No public authority uses it."),
  eu_personal_data: (profile) => highRiskAnd(profile, has(profile, "personal_data"), "No personal data that call for an assessment under GDPR Art. 35."),
  eu_post_remote_identification: (profile) => highRiskAnd(profile, has(profile, "post_remote_identification"), "It is not used for identification afterwards by law enforcement."),
  eu_annex_iii: (profile) => highRiskAnd(profile, annexIii(profile).length > 0, "It is high-risk by Annex I, not by Annex III."),
  eu_fria: (profile) =>
    highRiskAnd(profile, (has(profile, "public_authority") && notPoint2(profile)) || annexIii(profile).some((point) => point === "5b" || point === "5c"), "Neither a public service nor Annex III point 5b or 5c."),
  eu_annex_iii_not_2: (profile) => highRiskAnd(profile, notPoint2(profile), "Annex III beyond point 2 does not name it."),
  eu_public_annex_iii_not_2: (profile) => highRiskAnd(profile, notPoint2(profile) && has(profile, "public_authority"), "No public authority uses it under Annex III beyond point 2."),
  eu_interacts: (profile) => only(profile.classification.transparency.includes("interacts"), "It does not talk with people."),
  eu_generative: (profile) => only(profile.classification.transparency.includes("generates"), "It generates no content."),
  eu_emotion_or_categorisation: (profile) => only(profile.classification.transparency.includes("emotion_or_categorisation"), "It neither reads emotions nor categorises people by biometrics."),
  eu_deep_fake: (profile) => only(profile.classification.transparency.includes("deep_fake"), "It makes neither deep fakes nor text published on matters of public interest."),
  eu_sector_regime: (profile) => highRiskAnd(profile, has(profile, "sector_regime") || profile.answers.device !== "none", "No equivalent reporting regime of a sector."),
  eu_annex_iii_legal_effect: (profile) => highRiskAnd(profile, notPoint2(profile) && has(profile, "legal_or_similar_effect"), "Its decisions have no legal or similarly significant effect under Annex III."),
  eu_in_service_before: (profile) => highRiskAnd(profile, has(profile, "in_service_before"), "It was not in service before the duties applied."),
  us_bank: ({ answers }) => only(answers.bank, "It is not used by a banking organization."),
  us_bank_legacy: ({ answers }) => only(answers.bank && answers.policiesCiteSr117, "No policy here still cites SR 11-7, which was rescinded on 17 April 2026."),
  us_device_pccp: ({ answers }) => only(answers.device === "device_with_change_plan", "No change plan is authorised or sought for it."),
  us_device: ({ answers }) => only(answers.device !== "none", "It is not a medical device."),
  ml_device: ({ answers }) => only(answers.device !== "none", "It is not a medical device."),
  us_electronic_records: ({ answers }) => only(answers.electronicRecords, "Its records are not kept under FDA predicate rules."),
  us_credit: ({ answers }) => only(answers.decidesUsCredit, "It takes no part in decisions on credit of US applicants."),
  voluntary: ({ answers }) => only(answers.followsNistAiRmf, "The organisation does not follow it."),
};

const EU: FrameworkId = "EU_AI_ACT";
const US: readonly FrameworkId[] = ["SR_26_2", "SR_11_7", "FDA_PCCP", "FDA_PART_11", "CFPB_REG_B"];

/** Whether a control binds this system, and if not, why not. Roles matter where the Act tells them apart. */
export function applicability(control: Control, profile: SystemProfile): Applicability {
  const { jurisdictions } = profile.facts;
  if (control.framework === EU) {
    const { actClass } = profile.classification;
    if (actClass === "outside") return not(profile.classification.because.at(-1) ?? "It is outside the Act.");
    const roles: readonly string[] = profile.answers.roles;
    if (!control.appliesTo.roles.some((role) => roles.includes(role))) return not(`A duty of the ${control.appliesTo.roles.join(" or ")}, which is not the role here.`);
  }
  if (US.includes(control.framework) && !jurisdictions.includes("US")) return not("It is not offered or used in the US.");
  return CONDITIONS[control.appliesTo.when](profile);
}

/** When the control begins to bind this system, as `YYYY-MM-DD`; null when it has no start of its own. */
export function bindsFrom(control: Control, { classification }: SystemProfile): string | null {
  const dates = control.appliesFrom.filter(({ scope }) => {
    if (scope.startsWith("Annex III")) return !classification.routes.includes("annex_i") || classification.routes.includes("annex_iii");
    if (scope.startsWith("Annex I ")) return classification.routes.includes("annex_i");
    return true;
  });
  return dates.map(({ date }) => date).sort()[0] ?? null;
}
