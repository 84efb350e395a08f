import { z } from "zod";
import { inputContract } from "./artifact.ts";
import { environmentPolicy } from "./environment-policy.ts";
import { trainingProfile } from "./training-profile.ts";

/** Names that stand in addresses and in `/v2/models/{name}`. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "Use 1 to 63 small letters, digits and hyphens, beginning with a letter or digit.");
export const liftQuarantineBody = z.strictObject({ reason: z.string().trim().min(10, "Say why in at least 10 characters.").max(1000) });

export const versionName = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,62}$/, "Use 1 to 63 letters, digits, dots, plus signs and hyphens, such as 3.2.0.");

export const riskTiers = ["low", "medium", "high"] as const;
export const sectors = ["healthcare", "financial_services", "public_sector", "retail", "industry", "other"] as const;
export const jurisdictions = ["EU", "UK", "US", "other"] as const;

export const createModelBody = z.strictObject({
  name: slug,
  intendedUse: z.string().trim().min(10, "Say in a sentence what decisions it supports.").max(2000),
  riskTier: z.enum(riskTiers),
  sector: z.enum(sectors).nullable().default(null),
  jurisdictions: z.array(z.enum(jurisdictions)).max(10).default([]),
  /** E-mail of the owner; left out, whoever creates it. */
  owner: z.string().trim().min(3).max(254).optional(),
});
export type CreateModelBody = z.output<typeof createModelBody>;

const metric = z.strictObject({
  value: z.number(),
  low: z.number().nullable().default(null),
  high: z.number().nullable().default(null),
});

/** What the training side measured on held-out rows. Stored as evidence with its digest, produced by whoever sent it. */
export const evaluationDocument = z.object({
  dataset: z.string().min(1).max(200),
  datasetSha256: z.string().regex(/^[0-9a-f]{64}$/).nullable().default(null),
  rows: z.number().int().positive(),
  metrics: z.record(z.string().max(64), metric).refine((all) => Object.keys(all).length > 0, "At least one metric."),
  /** Limits that were agreed on before the run; without them nothing can be called passed. */
  thresholds: z.record(z.string().max(64), z.strictObject({ min: z.number().nullable().default(null), max: z.number().nullable().default(null) })).nullable().default(null),
  thresholdsSetAt: z.iso.datetime({ offset: true }).nullable().default(null),
  ranAt: z.iso.datetime({ offset: true }).nullable().default(null),
  /** One metric by slice of the rows. */
  slices: z
    .strictObject({
      metric: z.string().max(64),
      gapLimit: z.number().nonnegative(),
      rows: z.array(z.strictObject({ name: z.string().max(128), value: z.number(), rows: z.number().int().positive() })).min(2).max(200),
    })
    .nullable()
    .default(null),
});
export type EvaluationDocument = z.output<typeof evaluationDocument>;

/** One input and what the model must answer to it; replayed wherever the version is loaded. */
export const goldenCase = z.object({
  request: z.record(z.string(), z.unknown()),
  response: z.record(z.string(), z.unknown()),
  tolerance: z.number().nonnegative().default(1e-5),
});
export const goldenCases = z.array(goldenCase).max(64);

export const lineage = z.strictObject({
  run: z.string().max(256).nullable().default(null),
  commit: z.string().max(128).nullable().default(null),
  dataset: z.string().max(256).nullable().default(null),
  datasetSha256: z.string().max(64).nullable().default(null),
});

/** A file of dependencies as it is, such as requirements.txt; its content decides what it is. */
export const lockText = z.strictObject({
  fileName: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, "Use letters, digits, dots, hyphens and underscores."),
  text: z.string().min(1).max(4_194_304),
});

/** Fields beside the files of `POST /api/v1/models/{model}/versions` (multipart). JSON fields are JSON text. */
export const registerVersionFields = z.strictObject({
  version: versionName,
  notes: z.string().max(10_000).nullable().default(null),
  parent: versionName.nullable().default(null),
  contract: inputContract.nullable().default(null),
  golden: goldenCases.nullable().default(null),
  evaluation: evaluationDocument.nullable().default(null),
  /** Model card, Markdown. */
  card: z.string().max(200_000).nullable().default(null),
  lineage: lineage.nullable().default(null),
  /** The output that names the class; found by its name `label` when left out. */
  labelOutput: z.string().max(256).nullable().default(null),
  /** Training profile: what the version's traffic is compared with. Left out: the sample's columns, where one is sent. */
  baseline: trainingProfile.nullable().default(null),
  /** Files of dependencies; in a multipart request, parts named `lock`. They become part of what the version's digest covers. */
  locks: z.array(lockText).max(8).refine((all) => new Set(all.map(({ fileName }) => fileName.toLowerCase())).size === all.length, "Each file needs a name of its own.").default([]),
});
export type RegisterVersionFields = z.output<typeof registerVersionFields>;

export const createEnvironmentBody = z.strictObject({ name: slug, policy: environmentPolicy.optional() });

/** How an endpoint is used. Runtimes route requests to online ones only; batch ones are answered by jobs, edge ones on the devices that joined them. */
export const endpointPatterns = ["online", "batch", "edge"] as const;
export const endpointPattern = z.enum(endpointPatterns);
export type EndpointPattern = z.output<typeof endpointPattern>;

export const changePolicyBody = z.strictObject({
  policy: environmentPolicy,
  reason: z.string().trim().min(10, "Say why in at least 10 characters.").max(2000),
});

export const createEndpointBody = z.strictObject({
  name: slug,
  environment: slug,
  model: slug,
  /** The first version, live at 100 % as soon as it is loaded and its golden answers agree. */
  version: versionName,
  pattern: endpointPattern.default("online"),
});
export type CreateEndpointBody = z.output<typeof createEndpointBody>;

export const versionStates = ["registered", "ready", "failed", "quarantined"] as const;
export type VersionState = (typeof versionStates)[number];
