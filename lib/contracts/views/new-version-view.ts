import { z } from "zod";
import { inputContract } from "./registry-parts.ts";
import { openAct, versionState } from "./registry-parts.ts";
import { instant } from "./view-parts.ts";

/** GET /api/v1/views/versions/new: what the register form needs. */

export const newVersionViewQuery = z.strictObject({
  /** Name of an existing model; null: a new one. */
  model: z.string().max(128).nullable().default(null),
});

export const newVersionView = z.object({
  asOf: instant,
  models: z.array(z.object({ name: z.string(), newest: z.string().nullable() })),
  chosen: z
    .object({
      name: z.string(),
      intendedUse: z.string(),
      riskTier: z.string(),
      ownerName: z.string(),
      versions: z.array(z.object({ name: z.string(), state: versionState, createdAt: instant })),
      /** What a new version is most likely made from: the one that is live, else the newest. */
      parent: z
        .object({
          versionName: z.string(),
          live: z.boolean(),
          contract: inputContract,
          labelOutput: z.string().nullable(),
        })
        .nullable(),
      /** The next name after the newest that has not been taken. */
      suggestedVersion: z.string(),
    })
    .nullable(),
  viewerEmail: z.string(),
  maxUploadBytes: z.number().positive().nullable(),
  mayCreateModel: openAct,
  mayRegister: openAct,
});
export type NewVersionView = z.output<typeof newVersionView>;
