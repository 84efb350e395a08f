import type { DeviceReport } from "#lib/contracts/edge.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** Keeps what a device says of itself. False: a newer report was here already. */
export async function keepReport(db: Db, device: { id: string; endpointId: string }, report: DeviceReport): Promise<boolean> {
  const { serving, tried } = report;
  const kept = await db.$executeRaw`
    INSERT INTO "DeviceStanding" ("deviceId", "endpointId", "contactAt", "reportSeq", "manifestNumber", "versionId", "triedNumber", "outcome", "problem", "slipwayVersion")
    VALUES (${device.id}::uuid, ${device.endpointId}::uuid, now(), ${report.seq}, ${serving?.number ?? null}, ${serving?.versionId ?? null}::uuid,
      ${tried?.number ?? null}, ${tried?.outcome ?? null}, ${tried?.problem ?? null}, ${report.slipwayVersion})
    ON CONFLICT ("deviceId") DO UPDATE SET "contactAt" = EXCLUDED."contactAt", "reportSeq" = EXCLUDED."reportSeq", "manifestNumber" = EXCLUDED."manifestNumber",
      "versionId" = EXCLUDED."versionId", "triedNumber" = EXCLUDED."triedNumber", "outcome" = EXCLUDED."outcome", "problem" = EXCLUDED."problem",
      "slipwayVersion" = EXCLUDED."slipwayVersion"
    WHERE "DeviceStanding"."reportSeq" < EXCLUDED."reportSeq"`;
  return kept > 0;
}

type Outcomes = { readonly installed: number; readonly failed: number };

/** For each order, how many devices that are not revoked it was installed on and how many would not take it. */
export async function outcomesByNumber(db: Db, endpointId: string): Promise<ReadonlyMap<number, Outcomes>> {
  const rows = await db.$queryRaw<{ triedNumber: number; outcome: string | null; devices: number }[]>`
    SELECT s."triedNumber", s."outcome", count(*)::int AS "devices" FROM "DeviceStanding" s JOIN "Device" d ON d."id" = s."deviceId" AND d."revokedAt" IS NULL
    WHERE s."endpointId" = ${endpointId}::uuid AND s."triedNumber" IS NOT NULL GROUP BY 1, 2`;
  const found = new Map<number, Outcomes>();
  for (const { triedNumber, outcome, devices } of rows) {
    const { installed, failed } = found.get(triedNumber) ?? { installed: 0, failed: 0 };
    const isInstalled = outcome === "installed";
    found.set(triedNumber, { installed: installed + (isInstalled ? devices : 0), failed: failed + (isInstalled ? 0 : devices) });
  }
  return found;
}

export type FleetDevice = {
  readonly id: string;
  readonly name: string;
  readonly hardware: string;
  readonly bucket: number;
  readonly enrolledAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  readonly contactAt: Date | null;
  readonly manifestNumber: number | null;
  readonly version: string | null;
  readonly outcome: string | null;
  readonly problem: string | null;
  readonly countsAt: Date | null;
  readonly uncounted: number;
};

/** The devices of an endpoint by name, with what each last said. */
export async function fleetOf(db: Db, endpointId: string): Promise<FleetDevice[]> {
  return db.$queryRaw<FleetDevice[]>`
    SELECT d."id", d."name", d."hardware", d."bucket", d."enrolledAt", d."revokedAt", d."revokedBy", s."contactAt", s."manifestNumber", v."name" AS "version", s."outcome", s."problem",
      c."receivedAt" AS "countsAt", coalesce(c."lost" + c."undated", 0)::float8 AS "uncounted"
    FROM "Device" d LEFT JOIN "DeviceCounts" c ON c."deviceId" = d."id" LEFT JOIN "DeviceStanding" s ON s."deviceId" = d."id" LEFT JOIN "Version" v ON v."id" = s."versionId"
    WHERE d."endpointId" = ${endpointId}::uuid ORDER BY d."name", d."enrolledAt" DESC LIMIT 10000`;
}

/** When any device of an endpoint was last heard of. */
export async function newestContact(db: Db, endpointId: string): Promise<Date | null> {
  const { _max } = await db.deviceStanding.aggregate({ where: { endpointId }, _max: { contactAt: true } });
  return _max.contactAt;
}
