import type { MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { surpriseThreshold, type PlacedBins, type VersionBaseline } from "#lib/domain/drift/baseline.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export const baselineSources = ["training_profile", "sample", "first_traffic", "none"] as const;
export type BaselineSource = (typeof baselineSources)[number];

export type BaselineRecord = VersionBaseline & {
  readonly id: string;
  readonly versionId: string;
  readonly endpointId: string | null;
  readonly deploymentId: string | null;
  readonly source: BaselineSource;
  readonly binsHash: string;
  readonly rows: number;
  readonly createdAt: Date;
};

/** SHA-256 over the canonical JSON of all bins and places, without any counts: equal bins, equal hash. */
export const binsHashOf = ({ features, outputs }: Pick<VersionBaseline, "features" | "outputs">): string => {
  const only = ({ bins, place }: PlacedBins) => ({ bins, place });
  return contentDigest(asJson({ features: features.map(only), outputs: outputs.map(only) }));
};

type Row = Prisma.MonitoringBaselineGetPayload<object>;

// The columns were written by insertBaseline from these types and by nothing else.
const toRecord = (row: Row): BaselineRecord => ({
  ...row,
  source: row.source as BaselineSource,
  rows: Number(row.rows),
  features: row.features as unknown as readonly PlacedBins[],
  outputs: row.outputs as unknown as readonly PlacedBins[],
});

export async function insertBaseline(db: Db, baseline: Omit<BaselineRecord, "createdAt">): Promise<void> {
  const json = (value: unknown): Prisma.InputJsonValue => asJson(value) as Prisma.InputJsonValue;
  await db.monitoringBaseline.create({
    data: {
      ...baseline,
      rows: BigInt(baseline.rows),
      features: json(baseline.features),
      outputs: json(baseline.outputs),
      notes: [...baseline.notes],
    },
  });
}

/** The bins and reference that came with a version; null for versions registered before monitoring had any. */
export async function baselineOfVersion(db: Db, versionId: string): Promise<BaselineRecord | null> {
  const row = await db.monitoringBaseline.findFirst({ where: { versionId, deploymentId: null }, orderBy: { createdAt: "desc" } });
  return row ? toRecord(row) : null;
}

/** What was frozen for this version on this endpoint, by its newest deployment; null while nothing is. */
export async function frozenBaseline(db: Db, endpointId: string, versionId: string): Promise<BaselineRecord | null> {
  const row = await db.monitoringBaseline.findFirst({
    where: { endpointId, versionId, deploymentId: { not: null } },
    orderBy: { createdAt: "desc" },
  });
  return row ? toRecord(row) : null;
}

const toWire = ({ bins, place, reference }: PlacedBins): MonitoringBaseline["features"][number] => {
  const baseline = reference === null ? null : [...reference.cells];
  return bins.kind === "numeric"
    ? { kind: "numeric", name: bins.name, ...place, edges: [...bins.edges], baseline }
    : { kind: "categorical", name: bins.name, ...place, values: [...bins.values], baseline };
};

/** What runtimes count these versions' traffic by. */
export async function desiredBaselines(db: Db, versionIds: readonly string[]): Promise<MonitoringBaseline[]> {
  const rows = await db.monitoringBaseline.findMany({
    where: { versionId: { in: [...versionIds] }, deploymentId: null },
    orderBy: { createdAt: "asc" },
  });
  const newest = new Map(rows.map((row) => [row.versionId, toRecord(row)]));
  return [...newest.values()]
    .filter(({ features, outputs }) => features.length + outputs.length > 0)
    .map(({ versionId, binsHash, features, outputs }) => ({
      versionId,
      binsHash,
      features: features.map(toWire),
      outputs: outputs.map(toWire),
      oodThresholdBits: surpriseThreshold(features),
    }));
}
