import { z } from "zod";
import { uploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import { contractField } from "#lib/contracts/artifact.ts";
import { riskTiers } from "#lib/contracts/registry-api.ts";
import { contractActions, nullRules } from "#lib/domain/contract/types.ts";

/** The register form as it stands. Kept in this tab's session, so that a reload loses nothing. */

const fieldDraft = z.object({
  base: contractField,
  nulls: z.enum(nullRules),
  action: z.enum(contractActions),
  impute: z.string(),
  min: z.string(),
  max: z.string(),
  domain: z.string(),
});

export const registerDraft = z.object({
  /** Name of an existing model, or null: a new one. */
  existing: z.string().nullable(),
  name: z.string(),
  version: z.string(),
  intendedUse: z.string(),
  riskTier: z.enum(riskTiers).nullable(),
  sector: z.string(),
  jurisdictions: z.array(z.string()),
  owner: z.string(),
  parent: z.string(),
  notes: z.string(),
  labelOutput: z.string(),
  card: z.string(),
  evaluation: z.string(),
  golden: z.string(),
  locks: z.array(z.object({ fileName: z.string(), text: z.string() })),
  lineage: z.object({
    run: z.string(),
    commit: z.string(),
    dataset: z.string(),
    datasetSha256: z.string(),
  }),
  fileName: z.string(),
  sampleName: z.string(),
  uploaded: uploadedArtifact.nullable(),
  fields: z.array(fieldDraft),
  inherited: z.array(z.string()),
  /** Facts the person wrote themselves: what is read later does not overwrite them. */
  touched: z.array(z.string()),
});
export type RegisterDraft = z.output<typeof registerDraft>;

export const emptyDraft = (existing: string | null): RegisterDraft => ({
  existing,
  name: "",
  version: "",
  intendedUse: "",
  riskTier: null,
  sector: "",
  jurisdictions: [],
  owner: "",
  parent: "",
  notes: "",
  labelOutput: "",
  card: "",
  evaluation: "",
  golden: "",
  locks: [],
  lineage: { run: "", commit: "", dataset: "", datasetSha256: "" },
  fileName: "",
  sampleName: "",
  uploaded: null,
  fields: [],
  inherited: [],
  touched: [],
});

const KEY = "slipway.register";

/** The draft of this tab; null when there is none, or it is of an older form. */
export function readDraft(): RegisterDraft | null {
  try {
    const text = sessionStorage.getItem(KEY);
    const parsed = text === null ? null : registerDraft.safeParse(JSON.parse(text));
    return parsed?.success === true ? parsed.data : null;
  } catch {
    return null;
  }
}

/** True when the browser keeps it. */
export function writeDraft(draft: RegisterDraft): boolean {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // A browser that forbids storage has nothing to forget.
  }
}
