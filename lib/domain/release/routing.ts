import type { RouteArm, RouteCause, RouteTable } from "#lib/domain/routing/route-table.ts";
import { WHOLE_BP } from "#lib/domain/routing/route-table.ts";
import type { Observation } from "./observation.ts";
import type { Release } from "./release.ts";

/**
 * The epoch for a new table: above everything that anybody has seen, so that no runtime can refuse it and no burnt
 * epoch can come back.
 */
export function nextEpoch(release: Release, observation: Observation): number {
  const seen = observation.runtimes.flatMap((runtime) => [
    runtime.appliedEpoch,
    runtime.safeState?.burntEpoch ?? 0,
  ]);
  return Math.max(observation.endpoint.epoch, release.epoch ?? 0, ...seen) + 1;
}

type TableRequest = {
  readonly arms: readonly RouteArm[];
  readonly cause: RouteCause;
  readonly leaseSeconds?: number;
};

function table(release: Release, observation: Observation, request: TableRequest): RouteTable {
  return {
    endpointId: release.endpointId,
    epoch: nextEpoch(release, observation),
    salt: release.salt,
    releaseId: release.id,
    arms: request.arms,
    leaseSeconds: request.leaseSeconds ?? null,
    cause: request.cause,
  };
}

/** Weights of a step. A candidate with weight always carries a lease, so a cut-off runtime returns to stable. */
export function stepTable(
  release: Release,
  observation: Observation,
  weightBp: number,
): RouteTable {
  const { strategy, drill } = release.plan;
  const candidate: RouteArm = {
    versionId: release.candidateVersionId,
    arm: "candidate",
    weightBp,
    ...(strategy === "blue_green" && weightBp === 0 ? { preview: true } : {}),
    ...(drill === undefined ? {} : { fault: drill.fault }),
  };
  const arms: RouteArm[] = [
    { versionId: release.stableVersionId, arm: "stable", weightBp: WHOLE_BP - weightBp },
    candidate,
  ];
  return weightBp > 0
    ? table(release, observation, {
        arms,
        cause: "step",
        leaseSeconds: release.plan.deadmanSeconds,
      })
    : table(release, observation, { arms, cause: "step" });
}

/** All traffic on stable, a sample of it mirrored to the candidate. */
export function shadowTable(
  release: Release,
  observation: Observation,
  samplingBp: number,
): RouteTable {
  return table(release, observation, {
    arms: [
      { versionId: release.stableVersionId, arm: "stable", weightBp: WHOLE_BP },
      {
        versionId: release.candidateVersionId,
        arm: "shadow",
        weightBp: samplingBp,
        ...(release.plan.shadow?.comparison === undefined
          ? {}
          : { tolerance: release.plan.shadow.comparison.scoreTolerance }),
      },
    ],
    cause: "step",
  });
}

/** The candidate is stable now; the replaced version stays loaded. No lease: nothing is undecided any more. */
export function promotionTable(release: Release, observation: Observation): RouteTable {
  return table(release, observation, {
    arms: [
      { versionId: release.candidateVersionId, arm: "stable", weightBp: WHOLE_BP },
      { versionId: release.stableVersionId, arm: "previous", weightBp: 0 },
    ],
    cause: "promotion",
  });
}

/** Everything back on the version that the release set out to replace. */
export function stableOnlyTable(
  release: Release,
  observation: Observation,
  cause: "rollback" | "abort",
): RouteTable {
  return table(release, observation, {
    arms: [{ versionId: release.stableVersionId, arm: "stable", weightBp: WHOLE_BP }],
    cause,
  });
}

/** The release is over: its version alone, and the table belongs to no release. */
export function completionTable(release: Release, observation: Observation): RouteTable {
  const arms: RouteArm[] = [
    { versionId: release.candidateVersionId, arm: "stable", weightBp: WHOLE_BP },
  ];
  return { ...table(release, observation, { arms, cause: "completion" }), releaseId: null };
}
