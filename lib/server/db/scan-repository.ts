import { finding } from "#lib/contracts/artifact.ts";
import { scanCauses } from "#lib/contracts/views/scan-view.ts";
import type { Finding } from "#lib/domain/artifact/types.ts";
import { z } from "zod";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type ScanVerdict = "passed" | "review" | "blocked";
export type ScanRecord = {
  readonly id: string;
  readonly versionId: string;
  readonly scannerVersion: string;
  readonly cause: (typeof scanCauses)[number];
  readonly verdict: ScanVerdict;
  readonly findings: readonly Finding[];
  readonly newCodes: readonly string[];
  readonly scannedAt: Date;
};

const facts = z.object({ cause: z.enum(scanCauses), verdict: z.enum(["passed", "review", "blocked"]), findings: z.array(finding) });

/** Readings of a version, newest first. */
export async function scansOf(db: Db, versionId: string, limit: number): Promise<ScanRecord[]> {
  const rows = await db.versionScan.findMany({ where: { versionId }, orderBy: [{ scannedAt: "desc" }, { id: "desc" }], take: limit });
  return rows.map((row) => ({ ...row, ...facts.parse(row) }));
}

export async function insertScan(db: Db, scan: Omit<ScanRecord, "scannedAt">): Promise<void> {
  const { findings, newCodes, ...row } = scan;
  await db.versionScan.create({ data: { ...row, newCodes: [...newCodes], findings: JSON.parse(JSON.stringify(findings)) as Prisma.InputJsonValue } });
}

/** Some versions that no reading with these rules is known of, oldest first. */
export async function versionsToScan(db: Db, scannerVersion: string, limit: number): Promise<{ readonly modelName: string; readonly versionName: string }[]> {
  const rows = await db.version.findMany({
    where: { scans: { none: { scannerVersion } } },
    select: { name: true, model: { select: { name: true } } },
    orderBy: { createdAt: "asc" },
    take: limit,
  });
  return rows.map(({ name, model }) => ({ modelName: model.name, versionName: name }));
}

export type SignatureRecord = {
  readonly id: string;
  readonly versionId: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly addedById: string | null;
  readonly createdAt: Date;
};

export async function signaturesOf(db: Db, versionId: string): Promise<SignatureRecord[]> {
  return db.versionSignature.findMany({ where: { versionId }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
}

export async function insertSignature(db: Db, signature: Omit<SignatureRecord, "createdAt">): Promise<void> {
  await db.versionSignature.create({ data: signature });
}

export type ServingFacts = {
  readonly format: string;
  readonly findings: readonly Finding[];
  readonly target: { readonly name: string; readonly isIsolated: boolean } | null;
};

/** What decides where a version may be served: its format, what the newest reading found, and the server it was put on. */
export async function servingFactsOf(db: Db, versionId: string): Promise<ServingFacts> {
  const row = await db.version.findUniqueOrThrow({ where: { id: versionId }, select: { format: true, findings: true } });
  const [newest] = await scansOf(db, versionId, 1);
  const binding = await db.targetBinding.findUnique({ where: { versionId }, select: { target: { select: { name: true, isIsolated: true } } } });
  return { format: row.format, findings: newest?.findings ?? finding.array().parse(row.findings), target: binding?.target ?? null };
}
