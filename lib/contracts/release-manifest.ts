import { z } from "zod";

/** The one file to hand to an examiner about a release. Signed with the audit key over its canonical bytes (RFC 8785). */

export const MANIFEST_FORMAT = "slipway.release-manifest/1";

const instant = z.iso.datetime();
const version = z.strictObject({
  name: z.string(),
  digest: z.string(),
  format: z.string(),
  files: z.array(z.strictObject({ name: z.string(), role: z.string(), digest: z.string(), sizeBytes: z.number() })),
  contractDigest: z.string(),
});

export const releaseManifest = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  origin: z.string(),
  generatedAt: instant,
  generator: z.string(),
  release: z.strictObject({
    id: z.string(),
    number: z.number(),
    state: z.string(),
    reason: z.string().nullable(),
    endpoint: z.string(),
    environment: z.string(),
    author: z.string(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    boundDigest: z.string(),
    /** What it had to be approved by, fixed when it was submitted. */
    approvalTerms: z.strictObject({ approvals: z.number(), roles: z.array(z.string()), eachOf: z.array(z.string()) }),
    /** `met`, or the sentence that says by how much it was not. */
    independence: z.string(),
  }),
  model: z.strictObject({
    name: z.string(),
    intendedUse: z.string(),
    riskTier: z.string(),
    sector: z.string().nullable(),
    jurisdictions: z.array(z.string()),
    owner: z.string(),
    classification: z.strictObject({ actClass: z.string(), because: z.array(z.string()), decidedBy: z.string(), decidedAt: instant, catalogue: z.string() }).nullable(),
    delivery: z
      .strictObject({ kind: z.string(), client: z.string().nullable(), provider: z.string().nullable(), custodian: z.string(), responsibilities: z.array(z.strictObject({ area: z.string(), party: z.string() })) })
      .nullable(),
    deployed: z.array(z.strictObject({ version: z.string(), endpoint: z.string(), at: instant })),
  }),
  candidate: version,
  stable: version,
  plan: z.strictObject({ digest: z.string(), document: z.unknown() }),
  approvals: z.array(
    z.strictObject({ signedName: z.string(), role: z.string(), decision: z.string(), meaning: z.string(), reason: z.string(), digest: z.string(), method: z.string(), onBehalfOf: z.string().nullable(), independent: z.boolean(), signedAt: instant, voidedAt: instant.nullable(), voidReason: z.string().nullable() }),
  ),
  checklist: z.array(z.strictObject({ item: z.string(), title: z.string(), state: z.string(), note: z.string(), evidence: z.array(z.string()) })),
  catalogue: z.strictObject({ version: z.string(), digest: z.string(), pinnedAt: instant }).nullable(),
  controls: z.array(z.strictObject({ id: z.string(), citation: z.string(), state: z.string(), note: z.string() })),
  card: z.strictObject({ digest: z.string() }).nullable(),
  evidence: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), subjectType: z.string(), subjectDigest: z.string(), verdict: z.string(), summary: z.string(), producer: z.string(), inputsHash: z.string(), producedAt: instant, countsUntil: instant.nullable(), documentDigest: z.string().nullable() }),
  ),
  windows: z.strictObject({ count: z.number(), requests: z.number(), from: instant.nullable(), to: instant.nullable(), sha256: z.string() }),
  decisions: z.array(
    z.strictObject({ at: instant, from: z.string(), to: z.string(), step: z.number(), verdict: z.string(), sentence: z.string(), countsSha256: z.string() }),
  ),
  audit: z.strictObject({ entries: z.array(z.strictObject({ seq: z.number(), action: z.string(), at: instant })), size: z.number() }),
});
export type ReleaseManifest = z.output<typeof releaseManifest>;

/** The manifest and a C2SP signed note over its digest. */
export const signedManifest = z.strictObject({ manifest: releaseManifest, note: z.string() });
export type SignedManifest = z.output<typeof signedManifest>;
