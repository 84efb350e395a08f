import type { EvidenceKindView } from "#lib/contracts/governance-api.ts";
import type { EvidenceKindInfo } from "#lib/domain/governance/evidence/kinds.ts";

/** A kind of evidence as forms and pages show it. */
export const kindView = ({ id, label, check, freshness, subject, by, lifetimeDays, fields }: EvidenceKindInfo): EvidenceKindView => ({
  id,
  label,
  check,
  freshness,
  subject,
  by,
  lifetimeDays,
  fields: fields.map((field) => ({ ...field })),
});
