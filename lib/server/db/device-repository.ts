import type { UpdateState } from "#lib/domain/edge/rings.ts";
import { notFound } from "#lib/domain/errors.ts";
import { z } from "zod";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type DeviceRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly name: string;
  readonly publicKey: string;
  readonly hardware: string;
  readonly bucket: number;
  readonly enrolledAt: Date;
  readonly revokedAt: Date | null;
};

export type DeviceManifestRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly number: number;
  readonly kind: "update" | "rollback";
  readonly versionId: string;
  readonly versionOrdinal: number;
  readonly floorOrdinal: number;
  readonly hardware: string[];
  readonly ring: number;
  readonly state: UpdateState;
  readonly failureLimitBp: number;
  readonly authorId: string | null;
  readonly author: string;
  readonly reason: string;
  readonly createdAt: Date;
  readonly rowVersion: number;
};

const kinds = z.enum(["update", "rollback"]);
const states = z.enum(["rolling", "held", "complete"]);

const toManifest = (row: Prisma.DeviceManifestGetPayload<object>): DeviceManifestRecord => ({
  ...row,
  kind: kinds.parse(row.kind),
  state: states.parse(row.state),
});

export async function insertDeviceCode(db: Db, code: { id: string; endpointId: string; codeHash: string; createdBy: string; expiresAt: Date }): Promise<void> {
  await db.deviceCode.create({ data: code });
}

/** Uses up a code; the endpoint it is for, or null when there is none that is still good. */
export async function useDeviceCode(db: Db, codeHash: string, now: Date): Promise<{ id: string; endpointId: string } | null> {
  const [used] = await db.deviceCode.updateManyAndReturn({
    where: { codeHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
    select: { id: true, endpointId: true },
  });
  return used ?? null;
}

/** The device that joined with this code, by this name and key; null for anybody else. */
export async function deviceOfCode(db: Db, by: { codeHash: string; name: string; publicKey: string }): Promise<{ id: string; endpointId: string } | null> {
  const code = await db.deviceCode.findFirst({ where: { codeHash: by.codeHash, usedAt: { not: null } }, select: { endpointId: true } });
  if (code === null) return null;
  return db.device.findFirst({ where: { endpointId: code.endpointId, name: by.name, publicKey: by.publicKey, revokedAt: null }, select: { id: true, endpointId: true } });
}

export async function insertDevice(db: Db, device: Omit<DeviceRecord, "enrolledAt" | "revokedAt">): Promise<void> {
  await db.device.create({ data: device });
}

export async function findDevice(db: Db, id: string): Promise<DeviceRecord | null> {
  return db.device.findUnique({ where: { id } });
}

/** The device that has this name on an endpoint and is not revoked. */
export async function getDevice(db: Db, endpointId: string, name: string): Promise<DeviceRecord> {
  const device = await db.device.findFirst({ where: { endpointId, name, revokedAt: null } });
  if (device === null) throw notFound();
  return device;
}

export async function revokeDevice(db: Db, id: string, by: { at: Date; name: string }): Promise<void> {
  expectOneRow(await db.device.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: by.at, revokedBy: by.name } }), "device");
}

/** Whether a device of this endpoint has the name, or any device ever had the key: the key of a revoked one is good for nothing any more. */
export async function isDeviceKnown(db: Db, by: { endpointId: string; name: string; publicKey: string }): Promise<boolean> {
  const { endpointId, name, publicKey } = by;
  return (await db.device.count({ where: { OR: [{ endpointId, name, revokedAt: null }, { publicKey }] } })) > 0;
}

/** Orders to the devices of an endpoint, newest first. */
export async function manifestsOf(db: Db, endpointId: string): Promise<DeviceManifestRecord[]> {
  return (await db.deviceManifest.findMany({ where: { endpointId }, orderBy: { number: "desc" }, take: 1000 })).map(toManifest);
}

export async function getManifest(db: Db, endpointId: string, number: number): Promise<DeviceManifestRecord> {
  const row = await db.deviceManifest.findUnique({ where: { endpointId_number: { endpointId, number } } });
  if (row === null) throw notFound();
  return toManifest(row);
}

export async function insertManifest(db: Db, manifest: Omit<DeviceManifestRecord, "createdAt" | "rowVersion">): Promise<void> {
  await db.deviceManifest.create({ data: manifest });
}

export async function saveManifest(db: Db, { id, rowVersion }: DeviceManifestRecord, data: { ring?: number; state?: UpdateState }): Promise<void> {
  expectOneRow(await db.deviceManifest.updateMany({ where: { id, rowVersion }, data: { ...data, rowVersion: { increment: 1 } } }), "update");
}

/** Whether a file belongs to a version that devices of this endpoint have been told of. */
export async function isFileOffered(db: Db, endpointId: string, digest: string): Promise<boolean> {
  const [row] = await db.$queryRaw<[{ offered: boolean }]>`
    SELECT EXISTS (SELECT 1 FROM "DeviceManifest" m JOIN "VersionFile" f ON f."versionId" = m."versionId"
      WHERE m."endpointId" = ${endpointId}::uuid AND f."digest" = ${digest}) AS "offered"`;
  return row.offered;
}
