import { murmur3OfText } from "./murmur3.ts";
import {
  armOfRole,
  candidateWeightBp,
  WHOLE_BP,
  type RouteArm,
  type RouteTable,
} from "./route-table.ts";

const TWO_POW_32 = 4_294_967_296;

/**
 * The bucket of an assignment key, 0..9999: `floor(murmur3(salt ":" key) * 10000 / 2^32)`.
 * The product stays below 2^53, so the division is exact; flagd uses the same integer form.
 */
export function bucketOf(salt: string, key: string): number {
  return Math.floor((murmur3OfText(`${salt}:${key}`) * WHOLE_BP) / TWO_POW_32);
}

/**
 * Which arm serves this key. The candidate owns buckets [0, w): while the weight grows nobody moves back to
 * stable, and a rollback returns everybody. Undefined only for a table without a stable arm, which
 * `routeTableProblems` refuses.
 */
export function armOf(table: RouteTable, key: string): RouteArm | undefined {
  const weightBp = candidateWeightBp(table);
  const role = weightBp > 0 && bucketOf(table.salt, key) < weightBp ? "candidate" : "stable";
  return armOfRole(table, role);
}

/** Whether a request is mirrored to the shadow arm. Hashed apart from serving, so sampling and arm are independent. */
export function isMirrored(table: RouteTable, key: string): boolean {
  const samplingBp = armOfRole(table, "shadow")?.weightBp ?? 0;
  return samplingBp > 0 && bucketOf(`${table.salt}:shadow`, key) < samplingBp;
}
