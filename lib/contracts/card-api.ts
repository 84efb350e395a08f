import { z } from "zod";
import { FACT_GROUPS, type FactGroupName } from "#lib/domain/card/facts.ts";
import { SECTION_NAMES, type SectionName } from "#lib/domain/card/sections.ts";

const instant = z.iso.datetime({ offset: false });
const sectionName = z.enum(SECTION_NAMES as readonly [SectionName, ...SectionName[]]);
const groupName = z.enum(Object.keys(FACT_GROUPS) as [FactGroupName, ...FactGroupName[]]);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "A digest is sha256: and 64 hex digits.");

export const writeCardSectionBody = z.strictObject({ section: sectionName, text: z.string().trim().max(20_000) });

export const CARD_IMPORT_FORMATS = ["markdown", "model-card-toolkit", "cyclonedx"] as const;
export const importCardBody = z.strictObject({ format: z.enum(CARD_IMPORT_FORMATS), text: z.string().min(1).max(500_000) });

export const CARD_MEANINGS = ["figures_equal_the_records", "written_part_is_fair", "fit_to_be_published"] as const;
export const CARD_MEANING_LABELS: Readonly<Record<(typeof CARD_MEANINGS)[number], string>> = {
  figures_equal_the_records: "I compared the figures with the records, and they are equal.",
  written_part_is_fair: "I read the written part, and it says what users must know.",
  fit_to_be_published: "This card is fit to be published.",
};
export const signCardBody = z.strictObject({
  digest,
  meaning: z.enum(CARD_MEANINGS),
  reason: z.string().trim().min(10, "Say what you looked at in at least 10 characters.").max(2000),
  /** A step-up grant, where the installation asks for one. */
  grant: z.uuid().optional(),
});
export const publishCardBody = z.strictObject({ digest });

export const CARD_EXPORT_FORMATS = ["markdown", "model-card-toolkit", "cyclonedx", "html", "pdf"] as const;
export const exportCardQuery = z.strictObject({
  format: z.enum(CARD_EXPORT_FORMATS).default("markdown"),
  revision: z.coerce.number().int().positive().nullable().default(null),
});

const factView = z.object({
  key: z.string(),
  label: z.string(),
  value: z.string(),
  number: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  unit: z.string().nullable(),
  evidenceId: z.string().nullable(),
  source: z.string(),
});
export const factGroupView = z.object({ name: groupName, isLive: z.boolean(), facts: z.array(factView) });

const diffPart = z.object({ text: z.string(), kind: z.enum(["same", "added", "removed"]) });
export type DiffPartView = z.output<typeof diffPart>;

export const cardSectionView = z.object({
  name: sectionName,
  title: z.string(),
  asks: z.string(),
  isRequired: z.boolean(),
  /** Null: not written. */
  written: z.object({ text: z.string(), by: z.string(), at: instant, origin: z.enum(["typed", "imported"]) }).nullable(),
  /** Word by word against the card compared with; null when nothing differs or nothing is compared. */
  diff: z.array(diffPart).nullable(),
});

export const cardView = z.object({
  asOf: instant,
  model: z.string(),
  version: z.string(),
  versionDigest: z.string(),
  riskTier: z.string(),
  intendedUse: z.string(),
  /** Null: nobody has written anything yet. */
  revision: z
    .object({
      number: z.number().int(),
      state: z.enum(["draft", "published", "replaced"]),
      createdAt: instant,
      createdBy: z.string(),
      publishedAt: instant.nullable(),
      publishedBy: z.string().nullable(),
      rowVersion: z.number().int(),
    })
    .nullable(),
  revisions: z.array(z.object({ number: z.number().int(), state: z.enum(["draft", "published", "replaced"]), publishedAt: instant.nullable() })),
  /** What a signature given now binds to. */
  digest: z.string(),
  sections: z.array(cardSectionView),
  groups: z.array(factGroupView),
  completeness: z.object({ required: z.number().int(), written: z.number().int(), missing: z.array(sectionName) }),
  contradictions: z.array(
    z.object({ section: sectionName.nullable(), metric: z.string(), written: z.string(), evidence: z.number(), evidenceId: z.string().nullable() }),
  ),
  signatures: z.array(
    z.object({
      id: z.string(),
      signedName: z.string(),
      meaning: z.string(),
      reason: z.string(),
      digest: z.string(),
      method: z.string(),
      signedAt: instant,
      /** Why it does not count; null when it does. */
      voidReason: z.string().nullable(),
    }),
  ),
  signaturesNeeded: z.number().int(),
  publishingRefusals: z.array(z.string()),
  comparedWith: z.object({ version: z.string(), revision: z.number().int() }).nullable(),
  /** Cards that this one may be compared with. */
  comparable: z.array(z.object({ version: z.string(), revision: z.number().int() })),
  may: z.object({ edit: z.boolean(), sign: z.boolean(), publish: z.boolean() }),
});
export type CardView = z.output<typeof cardView>;
