import { z } from "zod";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import type { ScanReport } from "#lib/contracts/views/scan-view.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { SCANNER_VERSION } from "#lib/domain/artifact/scanner-version.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { ScanRecord } from "../../db/scan-repository.ts";
import { query } from "../../read.ts";

const MOST_SCANS = 50;

function sentence(name: string, newest: ScanRecord | undefined): string {
  if (newest === undefined) return `${name} has not been read with the rules of today yet. It is read in the background.`;
  const rules = newest.scannerVersion === SCANNER_VERSION ? "the rules of today" : "rules that have changed since";
  const blocking = newest.findings.filter(({ severity }) => severity === "block").length;
  const warnings = newest.findings.filter(({ severity }) => severity === "warn").length;
  if (blocking > 0) return `${name} is blocked: ${blocking} of its findings ${blocking === 1 ? "stops" : "stop"} a release. Read with ${rules}.`;
  if (warnings > 0) return `${name} needs a review: ${warnings} ${warnings === 1 ? "finding asks" : "findings ask"} for a look. Read with ${rules}.`;
  return `Nothing in the bytes of ${name} asks for a look. Read with ${rules}, never run.`;
}

/** Every reading of a version's bytes, and of a pickle what loading it would import. */
export const readScanReport = query({
  name: "read-scan-report",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ model: slug, version: versionName }),
  async run({ db, actor, input, now, authorise }): Promise<ScanReport> {
    const model = await db.models.getModel(input.model);
    const version = await db.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    const name = `${model.name} ${version.name}`;
    authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name, digest: version.digest }] });
    const scans = await db.scans.scansOf(version.id, MOST_SCANS);
    const { inspection } = version;
    return {
      asOf: now.toISOString(),
      modelName: model.name,
      versionName: version.name,
      digest: version.digest,
      format: version.format,
      state: version.state,
      scannerVersion: SCANNER_VERSION,
      say: sentence(name, scans[0]),
      mayScan: allowsSomewhere(actor, "version:scan"),
      scans: scans.map(({ scannedAt, scannerVersion, cause, verdict, findings, newCodes }) => ({
        scannedAt: scannedAt.toISOString(),
        scannerVersion,
        cause,
        verdict,
        blocking: findings.filter(({ severity }) => severity === "block").length,
        warnings: findings.filter(({ severity }) => severity === "warn").length,
        findings: [...findings],
        newCodes: [...newCodes],
      })),
      imports: inspection.format !== "pickle" ? [] : inspection.imports.map((found) => ({ name: `${found.module}.${found.name}`, verdict: found.verdict, count: found.count, isCalled: found.isCalled })),
    };
  },
});
