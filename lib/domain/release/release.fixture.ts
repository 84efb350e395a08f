import type { Observation, RuntimeFact } from "./observation.ts";
import { demoCanaryPlan } from "./plan.ts";
import type { Release } from "./release.ts";

export const CANDIDATE = "v2";
export const STABLE = "v1";

/** A release with everything in order; tests change the field in view. */
export function release(over: Partial<Release> = {}): Release {
  return {
    id: "rel-1",
    endpointId: "ep-1",
    candidateVersionId: CANDIDATE,
    stableVersionId: STABLE,
    authorId: "ana",
    candidateAuthorId: "ana",
    plan: demoCanaryPlan(),
    digest: "sha256:plan-and-evidence",
    approvalsNeeded: 1,
    approverRoles: [],
    approvals: [],
    expiresAtMs: null,
    startsAutomatically: true,
    salt: "salt-1",
    state: "DRAFT",
    stateSinceMs: 0,
    stepIndex: null,
    stepEpoch: null,
    stepSinceMs: null,
    hold: null,
    acceptedHolds: [],
    epoch: null,
    firstWeightEpoch: null,
    promotionEpoch: null,
    reference: null,
    rollback: null,
    fencedRuntimeIds: [],
    isPreviousWarm: false,
    supersededById: null,
    ...over,
  };
}

export const APPROVAL = {
  personId: "bo",
  role: "ml_lead",
  digest: "sha256:plan-and-evidence",
  meaning: "I have read the evidence and accept the residual risk.",
  reason: "Better on the held-out rows.",
  atMs: 0,
};

/** A runtime that is well and has both versions warm. */
export function runtime(over: Partial<RuntimeFact> = {}): RuntimeFact {
  const warm = (versionId: string) => ({
    versionId,
    state: "ready" as const,
    isDigestEqual: true,
    goldenPassed: 3,
    goldenTotal: 3,
    problem: null,
  });
  return {
    runtimeId: "rt-0",
    name: "rt-0",
    isReachable: true,
    lastContactMs: 0,
    appliedEpoch: 1,
    appliedAtMs: 0,
    isDrained: true,
    safeState: null,
    versions: [warm(STABLE), warm(CANDIDATE)],
    ...over,
  };
}

export function observation(over: Partial<Observation> = {}): Observation {
  return {
    endpoint: { epoch: 1, stableVersionId: STABLE, activeReleaseId: null },
    runtimes: [runtime()],
    guardRails: [],
    verdict: null,
    bake: null,
    bakeBlindSeconds: null,
    reference: null,
    freeze: null,
    smokeTest: { passed: 1, total: 1 },
    checklistOpen: [],
    ...over,
  };
}
