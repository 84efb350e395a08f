import { bucketOf } from "../routing/bucket.ts";

/** Share of the devices that each ring reaches, in basis points. Ring 0 reaches none, the last reaches all. */
export const RINGS_BP = [0, 100, 1000, 5000, 10_000] as const;
export const LAST_RING = RINGS_BP.length - 1;

/** A device's place among 10 000, from its id alone: the same devices go first wherever it is computed. */
export const deviceBucket = (endpointId: string, deviceId: string): number => bucketOf(`ring ${endpointId}`, deviceId);

export const isInRing = (bucket: number, ring: number): boolean => bucket < (RINGS_BP[ring] ?? 0);

/** The first ring that reaches a device with this bucket. */
export const firstRingOf = (bucket: number): number => RINGS_BP.findIndex((shareBp) => bucket < shareBp);

/** Devices ask once a minute; one that has not been heard of for this long is called silent. */
export const SILENT_AFTER_MS = 15 * 60_000;

export const isSilent = (contactAt: Date | null, now: Date): boolean => contactAt === null || now.getTime() - contactAt.getTime() > SILENT_AFTER_MS;

export type UpdateState = "rolling" | "held" | "complete";

export type Order = { readonly number: number; readonly ring: number; readonly state: UpdateState };

/** The newest order that is meant for a device with this bucket. An update on hold goes to nobody new. */
export function orderFor<T extends Order>(orders: readonly T[], bucket: number): T | null {
  const meant = orders.filter(({ ring, state }) => state !== "held" && isInRing(bucket, ring));
  return meant.reduce<T | null>((newest, order) => (newest === null || order.number > newest.number ? order : newest), null);
}

/** One device that fails says nothing about the rest; from this many on the share decides. */
const FEWEST_FAILURES = 2;

/** Whether so many devices of those that tried an update failed that it must stop. */
export function isPastFailureLimit(installed: number, failed: number, limitBp: number): boolean {
  const tried = installed + failed;
  if (tried === 0 || failed === 0) return false;
  return (failed >= FEWEST_FAILURES || tried <= FEWEST_FAILURES) && failed * 10_000 > tried * limitBp;
}
