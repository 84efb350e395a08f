import type { DesiredEndpoint } from "#lib/contracts/runtime-protocol.ts";
import type { Fault } from "#lib/domain/release/plan-parts.ts";
import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { WHOLE_BP, type Arm } from "#lib/domain/routing/route-table.ts";
import type { Book } from "../telemetry/book.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { ArmCounters, RequestCounters } from "../metrics/request-counters.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";
import type { PlannedTable } from "./plan-table.ts";

/** One loaded version in its part, with the book of what it answers under this table. */
export type ServingArm = {
  readonly role: Arm;
  readonly weightBp: number;
  readonly version: LoadedVersion;
  readonly book: Book;
  readonly counters: ArmCounters;
  /** Requests admitted under this table and not answered yet. */
  inFlight: number;
};

/**
 * What an endpoint serves, as one value that is swapped by one assignment. A request keeps the table it was admitted under;
 * only the counters of a table ever change.
 */
export type ServingTable = {
  readonly plan: PlannedTable;
  readonly epoch: number;
  readonly salt: string;
  readonly candidateBp: number;
  readonly candidate: ServingArm | null;
  /** Serves every key that is not the candidate's: stable, or the previous version after an operator went back to it. */
  readonly main: ServingArm;
  readonly arms: readonly ServingArm[];
  /** Gets copies of answered requests; answers nobody. */
  readonly shadow: ServingArm | null;
  /** Answers without a class agree when they differ by no more than this. */
  readonly tolerance: number;
  /** A candidate without weight that answers requests carrying this value in `slipway-preview`. */
  readonly preview: { readonly arm: ServingArm; readonly value: string } | null;
  /** What a rollback drill does to the candidate. */
  readonly fault: Fault | null;
  /** Some arm takes 64-bit integers: bodies must be parsed without losing digits. */
  readonly hasWideIntegers: boolean;
  isRetired: boolean;
};

/** Builds the table of a plan. Null when the arm that should serve is not loaded. */
export function buildTable(
  plan: PlannedTable,
  desired: DesiredEndpoint,
  ready: (versionId: string) => LoadedVersion | null,
  telemetry: Telemetry,
  requestCounters: RequestCounters,
): ServingTable | null {
  const arms = plan.arms.flatMap(({ arm, versionId, weightBp }): ServingArm[] => {
    const version = ready(versionId);
    if (version === null) return [];
    const subject = {
      endpointId: desired.endpointId,
      versionId,
      arm,
      // Served otherwise than the release asks: real traffic, but no evidence for either side.
      releaseId: plan.isComplete ? desired.releaseId : null,
      epoch: plan.epoch,
      windowSeconds: desired.windowSeconds,
      latencyThresholdsUs: desired.latencyThresholdsUs,
    };
    const isServing = weightBp > 0 && arm !== "shadow";
    const book = telemetry.openBook(subject, version.classes, isServing, version.spec);
    const counters = requestCounters.forArm(
      desired.name,
      version.modelName,
      version.versionName,
      arm,
    );
    return [{ role: arm, weightBp, version, book, counters, inFlight: 0 }];
  });
  const candidate = arms.find((arm) => arm.role === "candidate") ?? null;
  const main =
    arms.find((arm) => arm.role === "previous" && arm.weightBp > 0) ??
    arms.find((arm) => arm.role === "stable");
  if (main === undefined) return null;
  return {
    plan,
    epoch: plan.epoch,
    salt: desired.salt,
    candidateBp: candidate?.weightBp ?? 0,
    candidate,
    main,
    arms,
    ...specialParts(plan, desired, arms),
    hasWideIntegers: arms.some((arm) => arm.version.spec.hasWideIntegers),
    isRetired: false,
  };
}

/** Mirroring, preview and drill, which only the very table that was asked for may have. */
function specialParts(
  plan: PlannedTable,
  desired: DesiredEndpoint,
  arms: readonly ServingArm[],
): Pick<ServingTable, "shadow" | "tolerance" | "preview" | "fault"> {
  if (plan.epoch !== desired.epoch)
    return { shadow: null, tolerance: 0, preview: null, fault: null };
  const asked = (role: Arm) => desired.arms.find(({ arm }) => arm === role);
  const served = (role: Arm) => arms.find((arm) => arm.role === role) ?? null;
  const candidate = served("candidate");
  const isPreviewed = asked("candidate")?.preview === true && candidate?.weightBp === 0;
  return {
    shadow: served("shadow"),
    tolerance: asked("shadow")?.tolerance ?? 0,
    preview:
      isPreviewed && desired.releaseId !== null
        ? { arm: candidate, value: desired.releaseId }
        : null,
    fault: asked("candidate")?.fault ?? null,
  };
}

/**
 * The arm that serves a key: the candidate owns buckets [0, weight), as `armOf` of the domain says. A request without a key
 * draws its bucket at random.
 */
export function armFor(table: ServingTable, key: string | null): ServingArm {
  const { candidate, candidateBp } = table;
  if (candidate === null || candidateBp === 0) return table.main;
  const bucket = key === null ? Math.floor(Math.random() * WHOLE_BP) : bucketOf(table.salt, key);
  return bucket < candidateBp ? candidate : table.main;
}
