import { z } from "zod";
import { finding } from "#lib/contracts/artifact.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { scanCauses } from "#lib/contracts/views/scan-view.ts";
import { SCANNER_VERSION } from "#lib/domain/artifact/scanner-version.ts";
import type { Finding } from "#lib/domain/artifact/types.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ScanVerdict } from "../db/scan-repository.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";

export function scanVerdict(findings: readonly Pick<Finding, "severity">[]): ScanVerdict {
  if (findings.some(({ severity }) => severity === "block")) return "blocked";
  return findings.some(({ severity }) => severity === "warn") ? "review" : "passed";
}

const asksForALook = ({ severity }: Finding): boolean => severity === "block" || severity === "warn";

/** The reading that registering a version is; part of its transaction. */
export async function recordFirstScan(tx: UnitOfWork, versionId: string, findings: readonly Finding[]): Promise<void> {
  await tx.scans.insertScan({ id: newId(), versionId, scannerVersion: SCANNER_VERSION, cause: "registration", verdict: scanVerdict(findings), findings, newCodes: [] });
}

/**
 * Keeps a new reading of a version's bytes. What it finds that the last reading did not becomes evidence, which an approval is bound to: an open release of the
 * version takes note of it, and where a finding blocks, nothing of the version is released until the finding is gone.
 */
export const recordScan = command({
  name: "record-scan",
  permission: "version:scan",
  input: z.strictObject({ model: slug, version: versionName, cause: z.enum(scanCauses), findings: z.array(finding).max(1000) }),
  async run({ tx, actor, input }) {
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    const [last] = await tx.scans.scansOf(version.id, 1);
    const known = new Set((last?.findings ?? version.findings).filter(asksForALook).map(({ code, severity }) => `${severity} ${code}`));
    const added = input.findings.filter(asksForALook).filter(({ code, severity }) => !known.has(`${severity} ${code}`));
    const newCodes = [...new Set(added.map(({ code }) => code))];
    const verdict = scanVerdict(input.findings);
    await tx.scans.insertScan({ id: newId(), versionId: version.id, scannerVersion: SCANNER_VERSION, cause: input.cause, verdict, findings: input.findings, newCodes });
    const targets = [
      { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
      { type: "model", id: model.id, name: model.name, digest: null },
    ];
    const changed = newCodes.length > 0 || (last !== undefined && last.verdict !== verdict);
    const evidence = changed ? await recordEvidence(tx, version, input.findings, newCodes, verdict, actor.name, targets) : [];
    return {
      result: { scannerVersion: SCANNER_VERSION, verdict, newCodes },
      audit: [{ action: "version.scanned", targets, after: { scannerVersion: SCANNER_VERSION, cause: input.cause, verdict, newCodes } }, ...evidence],
    };
  },
});

async function recordEvidence(
  tx: UnitOfWork,
  version: { readonly id: string; readonly digest: string },
  findings: readonly Finding[],
  newCodes: readonly string[],
  verdict: ScanVerdict,
  producer: string,
  targets: AuditDraft["targets"],
): Promise<AuditDraft[]> {
  const id = newId();
  const titles = findings.filter(({ code }) => newCodes.includes(code)).map(({ title }) => title);
  const summary =
    newCodes.length === 0 ? `Read again with ${SCANNER_VERSION}: nothing that blocks.` : `Read again with ${SCANNER_VERSION}: ${[...new Set(titles)].slice(0, 5).join("; ")}.`;
  const inputsHash = contentDigest(asJson({ digest: version.digest, scanner: SCANNER_VERSION, newCodes }));
  const fact = { kind: "artifact_inspected", verdict: verdict === "blocked" ? "failed" : "passed", summary } as const;
  await tx.evidence.insertEvidence({
    ...fact,
    id,
    subjectType: "version",
    subjectId: version.id,
    subjectDigest: version.digest,
    details: { findings: asJson(findings), scanner: SCANNER_VERSION },
    producer,
    producerVersion: SCANNER_VERSION,
    inputsHash,
    expiresAt: null,
  });
  return [{ action: "evidence.recorded", targets: [{ type: "evidence", id, name: fact.kind, digest: null }, ...targets], after: { ...fact, inputsHash } }];
}
