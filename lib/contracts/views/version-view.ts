import { z } from "zod";
import { lineage } from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import {
  contractDiff,
  finding,
  inputContract,
  livePlace,
  openAct,
  releaseRow,
  versionState,
} from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/models/{model}/versions/{version}: the version page. */

/** The profile run in a runtime's sandbox. `none`: no job is known, the state says the rest. */
export const profileRun = z.object({
  state: z.enum(["waiting", "running", "ready", "failed", "quarantined", "none"]),
  since: instant,
  attempts: count,
  /** Runtimes that are heard from now: with none, nothing can run. */
  liveRuntimes: count,
  problem: z.string().nullable(),
  figures: z
    .object({
      loadMs: z.number(),
      latencyMsP50: z.number(),
      latencyMsP95: z.number(),
      peakMemoryBytes: z.number(),
      runs: count,
    })
    .nullable(),
});
export type ProfileRun = z.output<typeof profileRun>;

export const metricPoint = z.object({
  versionName: z.string(),
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Measured on the same rows as this version's figure. */
  sameData: z.boolean(),
});
export const metricSeries = z.object({
  name: z.string(),
  unit: z.string().nullable(),
  /** Oldest first; the last is this version's. */
  points: z.array(metricPoint),
});
export type MetricSeries = z.output<typeof metricSeries>;

export const evidenceRow = z.object({
  evidenceId: z.string(),
  kind: z.string(),
  title: z.string(),
  verdict: z.enum(["passed", "failed", "noted"]),
  summary: z.string(),
  producer: z.string(),
  producerVersion: z.string(),
  inputsHash: z.string(),
  producedAt: instant,
  expiresAt: instant.nullable(),
  /** A newer fact of the same kind counts instead. */
  superseded: z.boolean(),
});

export const pastPlace = z.object({
  endpointName: z.string(),
  environmentName: z.string(),
  startedAt: instant,
  startedBy: z.string(),
  endedAt: instant,
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});

export const versionView = z.object({
  asOf: instant,
  versionId: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  intendedUse: z.string(),
  riskTier: z.string(),
  ownerName: z.string(),
  demo: z.boolean(),
  format: z.string(),
  /** Whether the bundled runtime can serve this format. */
  served: z.boolean(),
  /** Whether it may answer requests, on what, and what stands in the way; null for what the bundled runtime serves itself. */
  outside: z
    .object({
      allowed: z.boolean(),
      reason: z.string(),
      hint: z.string(),
      target: z.object({ name: z.string(), isIsolated: z.boolean() }).nullable(),
      /** The newest signed acceptance of a pickle's risk. */
      acceptance: z.object({ signedName: z.string(), statement: z.string(), signedAt: instant, expiresAt: instant, codes: z.array(z.string()) }).nullable(),
      /** Codes that an acceptance signed now would cover; null for formats that need none. */
      codesToAccept: z.array(z.string()).nullable(),
      mayAccept: openAct,
    })
    .nullable(),
  /** Where it could run, and what it would lose or gain there. */
  portability: z.array(z.object({ where: z.string(), fit: z.enum(["yes", "perhaps", "no"]), note: z.string() })),
  lockIn: z.string(),
  /** Detached signatures over the digest, each verified now. */
  signatures: z.array(z.object({ keyId: z.string(), addedAt: instant, valid: z.boolean() })),
  /** Newest reading of the bytes; null when none was kept. */
  scan: z.object({ verdict: z.enum(["passed", "review", "blocked"]), scannerVersion: z.string(), scannedAt: instant }).nullable(),
  digest: z.string(),
  sizeBytes: z.number().nonnegative(),
  state: versionState,
  authorName: z.string(),
  createdAt: instant,
  notes: z.string().nullable(),
  parentName: z.string().nullable(),
  childNames: z.array(z.string()),
  /** What is true of it now, one or two sentences; and the one obvious next step. */
  say: z.string(),
  next: z.object({ text: z.string(), href: z.string().nullable(), act: z.string().nullable() }),
  profile: profileRun,
  places: z.array(livePlace),
  past: z.array(pastPlace),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  signature: modelSignature,
  contract: inputContract,
  labelOutput: z.string().nullable(),
  /** Against the version that is live in most places, else the parent; null when there is neither. */
  contractDiff: contractDiff.nullable(),
  goldenRequests: z.array(z.record(z.string(), z.unknown())),
  goldenTotal: count,
  mayTry: openAct,
  /** Closed with the reason while it is not quarantined anywhere. */
  mayLiftQuarantine: openAct,
  mayRegister: openAct,
  evaluation: z
    .object({
      dataset: z.string(),
      datasetSha256: z.string().nullable(),
      rows: count,
      /** Number of the evaluation that Slipway ran; null: stated by who registered it. */
      ranBySlipway: count.nullable(),
    })
    .nullable(),
  metrics: z.array(metricSeries),
  lineage,
  /** What the files of dependencies that came with it say. */
  dependencies: z.object({
    files: z.array(z.object({ fileName: z.string(), kind: z.string(), digest: z.string(), packages: count, openEntries: count })),
    findings: z.array(z.object({ fileName: z.string(), code: z.string(), title: z.string(), message: z.string(), hint: z.string() })),
    licences: z.array(z.object({ licence: z.string().nullable(), packages: count })),
    packageTotal: count,
    /** At most 200, those that leave something open first. */
    packages: z.array(
      z.object({ ecosystem: z.string(), name: z.string(), version: z.string().nullable(), asked: z.string().nullable(), locked: z.boolean(), licence: z.string().nullable() }),
    ),
  }),
  card: z.string().nullable(),
  findings: z.array(finding),
  evidence: z.array(evidenceRow),
  releases: z.array(releaseRow),
  files: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      digest: z.string(),
      sizeBytes: z.number().nonnegative(),
    }),
  ),
});
export type VersionView = z.output<typeof versionView>;
