import { z } from "zod";
import { ENVELOPE_REGIMES, ENVELOPE_STATUSES, INPUT_CHANGES } from "#lib/domain/governance/envelope/types.ts";
import { SUBJECT_TYPES } from "#lib/domain/governance/evidence/kind.ts";
import { AI_ROLES, ANNEX_I, DEVICE, EXEMPTIONS, OUT_OF_SCOPE, PROHIBITED, TRAITS, TRANSPARENCY } from "#lib/domain/governance/frameworks/profile.ts";
import { evidenceKind } from "./environment-policy.ts";
import { slug, versionName } from "./registry-api.ts";

/** Bytes of a document, before base64. */
export const MAX_DOCUMENT_BYTES = 5 * 1024 * 1024;

/** What a fact is about, by the names people use. */
export const evidenceSubject = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("version"), model: slug, version: versionName }),
  z.strictObject({ type: z.literal("model"), model: slug }),
  z.strictObject({ type: z.literal("release"), number: z.number().int().positive().max(1_000_000_000) }),
  z.strictObject({ type: z.literal("endpoint"), endpoint: slug }),
  z.strictObject({ type: z.literal("environment"), environment: slug }),
  z.strictObject({ type: z.literal("organisation") }),
]);
export type EvidenceSubject = z.output<typeof evidenceSubject>;

const detail = z.union([z.string().max(4000), z.number(), z.boolean()]);

export const addEvidenceBody = z.strictObject({
  kind: evidenceKind,
  subject: evidenceSubject,
  /** What the fact says, by the fields of its kind (GET /api/v1/evidence/kinds). */
  details: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/), detail).refine((all) => Object.keys(all).length <= 40, "At most 40 fields."),
  /** What is stated, in a sentence or more; it is signed with the name of whoever sends it. */
  statement: z.string().trim().min(10, "Say in a sentence what this shows.").max(4000),
  /** When it stops to count, if earlier than its kind says. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  document: z
    .strictObject({ fileName: z.string().trim().min(1).max(200), base64: z.base64().max(Math.ceil((MAX_DOCUMENT_BYTES * 4) / 3) + 4) })
    .optional(),
});

export const evidenceRow = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  subjectType: z.enum(SUBJECT_TYPES),
  subjectId: z.string(),
  subjectDigest: z.string(),
  verdict: z.enum(["passed", "failed", "noted"]),
  summary: z.string(),
  details: z.record(z.string(), z.unknown()),
  producer: z.string(),
  producerVersion: z.string(),
  inputsHash: z.string(),
  producedAt: z.iso.datetime(),
  /** The earlier of what it says of itself and what its kind allows; null while its subject stays the same. */
  countsUntil: z.iso.datetime().nullable(),
  documentDigest: z.string().nullable(),
});
export type EvidenceRow = z.output<typeof evidenceRow>;

export const listEvidenceQuery = z.strictObject({
  kind: evidenceKind.optional(),
  subjectType: z.enum(SUBJECT_TYPES).optional(),
  subjectId: z.uuid().optional(),
  model: slug.optional(),
  version: versionName.optional(),
  verdict: z.enum(["passed", "failed", "noted"]).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional(),
});

const field = z.object({
  type: z.enum(["text", "flag", "number", "date"]),
  name: z.string(),
  label: z.string(),
  mustBe: z.union([z.boolean(), z.enum(["past", "future"])]).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});
export const evidenceKindView = z.object({
  id: z.string(),
  label: z.string(),
  check: z.string(),
  freshness: z.string(),
  subject: z.enum(SUBJECT_TYPES),
  by: z.enum(["slipway", "either", "person"]),
  lifetimeDays: z.number().nullable(),
  fields: z.array(field),
});
export type EvidenceKindView = z.output<typeof evidenceKindView>;

const unique = <T extends z.ZodType>(item: T) => z.array(item).max(40).refine((all) => new Set(all).size === all.length, "Name each once.");

export const answersBody = z.strictObject({
  roles: unique(z.enum(AI_ROLES)).min(1, "Name at least one role."),
  outOfScope: z.enum(OUT_OF_SCOPE),
  prohibited: unique(z.enum(PROHIBITED)),
  annexI: z.enum(ANNEX_I),
  annexIii: unique(z.string().regex(/^[1-8][a-e]?$/)),
  profilesPersons: z.boolean(),
  exemption: z.enum(EXEMPTIONS),
  transparency: unique(z.enum(TRANSPARENCY)),
  traits: unique(z.enum(TRAITS)),
  bank: z.boolean(),
  policiesCiteSr117: z.boolean(),
  device: z.enum(DEVICE),
  electronicRecords: z.boolean(),
  decidesUsCredit: z.boolean(),
  followsNistAiRmf: z.boolean(),
});

const reason = z.string().trim().min(10, "Say why, in at least 10 characters.").max(2000);

export const classifyModelBody = z.strictObject({ answers: answersBody, rationale: reason });
export type ClassifyModelBody = z.output<typeof classifyModelBody>;

export const DELIVERY_KINDS = ["internal", "third_party", "hybrid"] as const;
export const RESPONSIBILITY_AREAS = ["Training and data", "Validation", "Serving and availability", "Monitoring and incidents", "Notices to people", "Records and retention", "Regulatory filings"] as const;

export const recordDeliveryBody = z.strictObject({
  kind: z.enum(DELIVERY_KINDS),
  client: z.string().trim().min(1).max(200).nullable().default(null),
  provider: z.string().trim().min(1).max(200).nullable().default(null),
  custodian: z.string().trim().min(1, "Name who keeps the artifact.").max(200),
  responsibilities: z.array(z.strictObject({ area: z.enum(RESPONSIBILITY_AREAS), party: z.string().trim().min(1).max(200) })).max(RESPONSIBILITY_AREAS.length),
});

export const decideControlBody = z.strictObject({
  controlId: z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/).max(100),
  decision: z.enum(["applicable", "not_applicable", "waived"]),
  reason,
  days: z.number().int().min(1).max(365),
});

export const chooseCatalogueBody = z.strictObject({ version: z.string().regex(/^[0-9.]{3,20}$/), reason });

const days = z.number().int().min(0).max(3650);
export const changeEnvelopeBody = z.strictObject({
  regimes: unique(z.enum(ENVELOPE_REGIMES)).min(1),
  authorisationRef: z.string().trim().min(1).max(100),
  planVersion: z.string().trim().min(1).max(40),
  status: z.enum(ENVELOPE_STATUSES),
  intendedUse: z.string().trim().min(10).max(2000),
  deviceIdentifiers: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  modifications: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9-]{1,20}$/),
        description: z.string().trim().min(5).max(1000),
        implementation: z.enum(["manual", "automatic"]).default("manual"),
        minDaysBetween: days.default(0),
        allowed: z.strictObject({
          artifact: z.boolean(),
          architecture: z.enum(["fixed", "any"]).default("fixed"),
          inputs: z.enum(INPUT_CHANGES).default("none"),
          outputs: z.enum(["fixed", "any"]).default("fixed"),
        }),
      }),
    )
    .min(1)
    .max(50),
  minTestRows: z.number().int().min(0).max(1_000_000_000).default(0),
  criteria: z
    .array(
      z
        .strictObject({
          metric: z.string().trim().min(1).max(64),
          op: z.enum([">=", "<="]),
          value: z.number().nullable().default(null),
          baselineMinus: z.number().nonnegative().nullable().default(null),
          bound: z.enum(["value", "worse_end"]).default("value"),
        })
        .refine(({ value, baselineMinus }) => (value === null) !== (baselineMinus === null), "Give either value or baselineMinus."),
    )
    .max(100),
  maxTestSetUses: z.number().int().min(1).max(1000).default(10),
  /** How old the candidate's rollback drill may be when it goes live; null where the plan asks for none. */
  drillMaxAgeDays: days.nullable().default(90),
});
