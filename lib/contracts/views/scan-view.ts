import { z } from "zod";
import { finding } from "../artifact.ts";
import { count, instant } from "./view-parts.ts";

export const scanCauses = ["registration", "rules_changed", "asked"] as const;

/** GET /api/v1/models/{model}/versions/{version}/scans: every reading of a version's bytes, newest first. */
export const scanReport = z.object({
  asOf: instant,
  modelName: z.string(),
  versionName: z.string(),
  digest: z.string(),
  format: z.string(),
  state: z.string(),
  scannerVersion: z.string(),
  say: z.string(),
  mayScan: z.boolean(),
  scans: z.array(
    z.object({
      scannedAt: instant,
      scannerVersion: z.string(),
      cause: z.enum(scanCauses),
      verdict: z.enum(["passed", "review", "blocked"]),
      blocking: count,
      warnings: count,
      findings: z.array(finding),
      /** Codes that the reading before did not have. */
      newCodes: z.array(z.string()),
    }),
  ),
  /** Of a pickle: everything that loading it would import. */
  imports: z.array(z.object({ name: z.string(), verdict: z.enum(["allowed", "unknown", "dangerous"]), count, isCalled: z.boolean() })),
});
export type ScanReport = z.output<typeof scanReport>;
