import { artifactInspection, finding, inputContract } from "#lib/contracts/artifact.ts";
import { goldenCases, lineage, type VersionState, versionStates } from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import type { ArtifactInspection, Finding, ModelSignature } from "#lib/domain/artifact/types.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import { notFound } from "#lib/domain/errors.ts";
import { z } from "zod";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type ModelRecord = {
  readonly id: string;
  readonly name: string;
  readonly intendedUse: string;
  readonly riskTier: string;
  readonly sector: string | null;
  readonly jurisdictions: readonly string[];
  readonly ownerId: string;
  readonly createdById: string;
  readonly demo: boolean;
  readonly createdAt: Date;
};

export type VersionFileRecord = {
  readonly name: string;
  readonly role: "model" | "external" | "lock" | "card" | "evaluation" | "sample";
  readonly digest: string;
  readonly sizeBytes: number;
};

export type VersionRecord = {
  readonly id: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly name: string;
  readonly digest: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly state: VersionState;
  readonly signature: ModelSignature;
  readonly contract: InputContract;
  readonly inspection: ArtifactInspection;
  readonly findings: readonly Finding[];
  readonly golden: z.output<typeof goldenCases>;
  readonly labelOutput: string | null;
  readonly lineage: z.output<typeof lineage>;
  readonly notes: string | null;
  readonly parentId: string | null;
  readonly authorId: string;
  readonly createdAt: Date;
  readonly sealedAt: Date | null;
  readonly quarantinedAt: Date | null;
  /** How often a person had it tried again. */
  readonly quarantineLifts: number;
  readonly rowVersion: number;
  readonly files: readonly VersionFileRecord[];
};

const WITH_FILES = { files: { orderBy: { name: "asc" } }, model: { select: { name: true } } } as const;
type VersionRow = Prisma.VersionGetPayload<{ include: typeof WITH_FILES }>;
const fileRole = z.enum(["model", "external", "lock", "card", "evaluation", "sample"]);

const toVersion = ({ model, files, ...row }: VersionRow): VersionRecord => ({
  ...row,
  modelName: model.name,
  sizeBytes: Number(row.sizeBytes),
  state: z.enum(versionStates).parse(row.state),
  signature: modelSignature.parse(row.signature),
  contract: inputContract.parse(row.contract),
  inspection: artifactInspection.parse(row.inspection),
  findings: finding.array().parse(row.findings),
  golden: goldenCases.parse(row.golden),
  lineage: lineage.parse(row.lineage),
  files: files.map((file) => ({
    name: file.name,
    role: fileRole.parse(file.role),
    digest: file.digest,
    sizeBytes: Number(file.sizeBytes),
  })),
});

export async function findModel(db: Db, name: string): Promise<ModelRecord | null> {
  return db.model.findUnique({ where: { name } });
}

export async function getModel(db: Db, name: string): Promise<ModelRecord> {
  const row = await findModel(db, name);
  if (!row) throw notFound();
  return row;
}

export async function listModels(db: Db): Promise<ModelRecord[]> {
  return db.model.findMany({ orderBy: { name: "asc" } });
}

export async function insertModel(db: Db, model: Omit<ModelRecord, "createdAt">): Promise<void> {
  await db.model.create({ data: { ...model, jurisdictions: [...model.jurisdictions] } });
}

export async function findVersion(db: Db, modelId: string, name: string): Promise<VersionRecord | null> {
  const row = await db.version.findUnique({ where: { modelId_name: { modelId, name } }, include: WITH_FILES });
  return row ? toVersion(row) : null;
}

export async function getVersionById(db: Db, id: string): Promise<VersionRecord> {
  const row = await db.version.findUnique({ where: { id }, include: WITH_FILES });
  if (!row) throw notFound();
  return toVersion(row);
}

/** Versions of a model, newest first. */
export async function listVersions(db: Db, modelId: string): Promise<VersionRecord[]> {
  const rows = await db.version.findMany({ where: { modelId }, include: WITH_FILES, orderBy: { createdAt: "desc" } });
  return rows.map(toVersion);
}

/** The version that already has this digest, in any model. */
export async function versionOfDigest(db: Db, digest: string): Promise<{ modelName: string; name: string } | null> {
  const row = await db.version.findFirst({ where: { digest }, include: { model: { select: { name: true } } } });
  return row ? { modelName: row.model.name, name: row.name } : null;
}

/** The version whose model file has this digest, in any model: the same bytes under whatever contract. */
export async function versionOfModelFile(db: Db, digest: string): Promise<{ modelName: string; name: string } | null> {
  const row = await db.versionFile.findFirst({
    where: { digest, role: "model" },
    include: { version: { include: { model: { select: { name: true } } } } },
  });
  return row ? { modelName: row.version.model.name, name: row.version.name } : null;
}

export type NewVersion = Omit<VersionRecord, "modelName" | "createdAt" | "sealedAt" | "quarantinedAt" | "quarantineLifts" | "rowVersion">;

/** A sealed version with its files. */
export async function insertVersion(db: Db, version: NewVersion, now: Date): Promise<void> {
  const { files, ...row } = version;
  const json = (value: unknown): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
  await db.version.create({
    data: {
      ...row,
      sizeBytes: BigInt(row.sizeBytes),
      signature: json(row.signature),
      contract: json(row.contract),
      inspection: json(row.inspection),
      findings: json(row.findings),
      golden: json(row.golden),
      lineage: json(row.lineage),
      sealedAt: now,
      files: { create: files.map((file) => ({ ...file, sizeBytes: BigInt(file.sizeBytes) })) },
    },
  });
}

/** The answers recorded by the first profile run become the golden answers, where none were sent along. */
export async function saveVersionState(
  db: Db,
  version: VersionRecord,
  change: { state: VersionState; golden?: z.output<typeof goldenCases>; quarantined?: boolean; lifted?: boolean },
  now: Date,
): Promise<void> {
  expectOneRow(
    await db.version.updateMany({
      where: { id: version.id, rowVersion: version.rowVersion },
      data: {
        state: change.state,
        ...(change.golden ? { golden: JSON.parse(JSON.stringify(change.golden)) as Prisma.InputJsonValue } : {}),
        ...(change.quarantined ? { quarantinedAt: now } : {}),
        ...(change.lifted ? { quarantinedAt: null, quarantineLifts: { increment: 1 } } : {}),
        rowVersion: { increment: 1 },
      },
    }),
    "version",
  );
}

/** How many versions this user has registered outside of the demonstration's own. */
export async function countVersionsBy(db: Db, userId: string): Promise<number> {
  return db.version.count({ where: { authorId: userId, model: { demo: false } } });
}

/** Whether any version, or any file that a training client put, has this digest. */
export async function isFileNamed(db: Db, digest: string): Promise<boolean> {
  return (
    (await db.versionFile.findFirst({ where: { digest }, select: { versionId: true } })) !== null ||
    (await db.trackingArtifact.findFirst({ where: { digest }, select: { path: true } })) !== null
  );
}
