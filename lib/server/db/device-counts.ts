import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** Notes that a batch of a device's counts is being counted. False: it, or a later one, was before. */
export async function takeBatch(db: Db, device: { id: string; endpointId: string }, batch: { number: number; lost: number; undated: number }): Promise<boolean> {
  const taken = await db.$executeRaw`
    INSERT INTO "DeviceCounts" AS c ("deviceId", "endpointId", "through", "receivedAt", "lost", "undated")
    VALUES (${device.id}::uuid, ${device.endpointId}::uuid, ${BigInt(batch.number)}, now(), ${BigInt(batch.lost)}, ${BigInt(batch.undated)})
    ON CONFLICT ("deviceId") DO UPDATE SET "through" = excluded."through", "receivedAt" = now(), "lost" = greatest(c."lost", excluded."lost"),
      "undated" = c."undated" + excluded."undated"
    WHERE c."through" < excluded."through"`;
  return taken > 0;
}
