import type { DesiredEndpoint } from "#lib/contracts/runtime-protocol.ts";
import { WHOLE_BP, type Arm } from "#lib/domain/routing/route-table.ts";

/** One arm as it is to serve here now. */
export type PlannedArm = {
  readonly arm: Arm;
  readonly versionId: string;
  readonly weightBp: number;
};

/** What this runtime may serve now, given what is loaded here and what is burnt. Weights sum to 10 000. */
export type PlannedTable = {
  readonly epoch: number;
  readonly arms: readonly PlannedArm[];
  /** Exactly what the control plane asked for. When not, nothing served under it counts for a release. */
  readonly isComplete: boolean;
};

/** A runtime that went to stable by itself: the highest epoch that may not give a candidate weight again. */
export type BurntEpoch = {
  readonly epoch: number;
  /** True when an operator went back from a promoted version that still bakes: then the previous version serves. */
  readonly toPrevious: boolean;
};

export type PlanInputs = {
  readonly desired: DesiredEndpoint;
  /** The table in force; null before the first. */
  readonly current: PlannedTable | null;
  readonly burnt: BurntEpoch | null;
  readonly isReady: (versionId: string) => boolean;
  /** False while a lease runs that the control plane has not confirmed since this process started. */
  readonly mayServeCandidate: boolean;
};

const armOf = (arms: readonly PlannedArm[], role: Arm): PlannedArm | undefined =>
  arms.find((entry) => entry.arm === role);

const isBurnt = (burnt: BurntEpoch | null, epoch: number): boolean =>
  burnt !== null && epoch <= burnt.epoch;

/** The new stable is not loaded: go on with what serves, but take away at once what the new table takes away from the candidate. */
function keepServing(inputs: PlanInputs, current: PlannedTable): PlannedTable {
  const { desired, burnt, isReady } = inputs;
  const candidate = armOf(current.arms, "candidate");
  if (candidate === undefined) return current;
  const asked =
    desired.arms.find(
      (entry) => entry.arm === "candidate" && entry.versionId === candidate.versionId,
    )?.weightBp ?? 0;
  const allowed =
    isBurnt(burnt, current.epoch) || !isReady(candidate.versionId)
      ? 0
      : Math.min(asked, candidate.weightBp);
  return allowed === candidate.weightBp
    ? current
    : { ...withCandidate(current, allowed), isComplete: false };
}

function withCandidate(table: PlannedTable, weightBp: number): PlannedTable {
  const arms = table.arms.map((entry) => {
    if (entry.arm === "candidate") return { ...entry, weightBp };
    return entry.arm === "stable" ? { ...entry, weightBp: WHOLE_BP - weightBp } : entry;
  });
  return { ...table, arms };
}

/**
 * The table to serve now. Pure and level-triggered: called again whenever the desired state, a version's state or a burnt epoch changes.
 *
 * - An epoch below the one in force changes nothing; callers keep the newest desired state they have seen.
 * - A candidate has weight only if it is loaded and warm here, its epoch is not burnt, and its lease was confirmed since the start.
 * - Until a new stable is loaded the old table serves on. Null: nothing can serve yet.
 */
export function planTable(inputs: PlanInputs): PlannedTable | null {
  const { desired, current, burnt, isReady } = inputs;
  if (current !== null && desired.epoch < current.epoch) return current;
  const stable = desired.arms.find((entry) => entry.arm === "stable");
  if (stable === undefined || !isReady(stable.versionId)) {
    return current === null ? null : keepServing(inputs, current);
  }
  const burntHere = isBurnt(burnt, desired.epoch);
  const candidate = desired.arms.find((entry) => entry.arm === "candidate");
  const mayServe =
    candidate !== undefined &&
    isReady(candidate.versionId) &&
    !burntHere &&
    inputs.mayServeCandidate;
  const candidateBp = mayServe ? Math.min(candidate.weightBp, WHOLE_BP) : 0;
  const previous = desired.arms.find((entry) => entry.arm === "previous");
  const goesBack =
    burntHere &&
    burnt?.toPrevious === true &&
    previous !== undefined &&
    isReady(previous.versionId);

  const arms = desired.arms.map(({ arm, versionId, weightBp }): PlannedArm => {
    if (arm === "stable")
      return { arm, versionId, weightBp: goesBack ? 0 : WHOLE_BP - candidateBp };
    if (arm === "candidate") return { arm, versionId, weightBp: candidateBp };
    if (arm === "previous") return { arm, versionId, weightBp: goesBack ? WHOLE_BP : 0 };
    return { arm, versionId, weightBp };
  });
  const isComplete = !goesBack && candidateBp === (candidate?.weightBp ?? 0);
  return { epoch: desired.epoch, arms, isComplete };
}

/** Whether two tables serve the same in the same way. */
export function isSameTable(a: PlannedTable | null, b: PlannedTable | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.epoch !== b.epoch || a.isComplete !== b.isComplete || a.arms.length !== b.arms.length)
    return false;
  return a.arms.every((arm, index) => {
    const other = b.arms[index];
    return (
      other !== undefined &&
      other.arm === arm.arm &&
      other.versionId === arm.versionId &&
      other.weightBp === arm.weightBp
    );
  });
}
