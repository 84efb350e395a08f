/** What an incident did or could have done, in the words that regulatory clocks ask for. */

export const HARMS = [
  "death",
  "serious_health_harm",
  "fundamental_rights",
  "property_or_environment",
  "critical_infrastructure",
  "widespread_infringement",
  "reportable_malfunction",
  "urgent_remedial_action",
  "correction_or_removal",
  "biometric_identification",
  "authority_measures",
] as const;
export type Harm = (typeof HARMS)[number];

export const HARM_LABELS: Readonly<Record<Harm, string>> = {
  death: "Death of a person",
  serious_health_harm: "Serious harm to a person’s health",
  fundamental_rights: "Breach of obligations that protect fundamental rights",
  property_or_environment: "Serious harm to property or the environment",
  critical_infrastructure: "Serious and irreversible disruption of critical infrastructure",
  widespread_infringement: "Widespread infringement",
  reportable_malfunction: "Malfunction that could cause death or serious injury if it happened again",
  urgent_remedial_action: "Remedial action needed to prevent an unreasonable risk, or asked for by FDA",
  correction_or_removal: "Correction or removal made to reduce a risk to health",
  biometric_identification: "Post-remote biometric identification was used",
  authority_measures: "An authority was notified and takes measures",
};

/** Who we are towards the model, as far as the clocks ask. */
export const LAW_ROLES = ["provider", "deployer"] as const;
export type LawRole = (typeof LAW_ROLES)[number];
export const LAW_ROLE_LABELS: Readonly<Record<LawRole, string>> = { provider: "Provider", deployer: "Deployer" };

export const SEVERITIES = ["critical", "major", "minor"] as const;
export type Severity = (typeof SEVERITIES)[number];
export const SEVERITY_LABELS: Readonly<Record<Severity, string>> = { critical: "Critical", major: "Major", minor: "Minor" };

export const INCIDENT_SOURCES = ["person", "alert", "rollback", "review_overdue"] as const;
export type IncidentSource = (typeof INCIDENT_SOURCES)[number];
export const SOURCE_LABELS: Readonly<Record<IncidentSource, string>> = {
  person: "Opened by hand",
  alert: "Opened by an alert",
  rollback: "Opened by an automatic roll back",
  review_overdue: "Opened because a review was not done in time",
};
