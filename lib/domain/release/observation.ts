import type { BakeReport } from "./bake.ts";
import type { FrozenReference } from "./reference.ts";
import type { VerdictReport } from "./verdict.ts";

export type VersionState = "downloading" | "loading" | "warming" | "ready" | "failed" | "retiring";

/** What one runtime says of one version. */
export type LoadedVersion = {
  readonly versionId: string;
  readonly state: VersionState;
  /** The bytes it loaded hash to the registered digest. */
  readonly isDigestEqual: boolean;
  readonly goldenPassed: number | null;
  readonly goldenTotal: number | null;
  readonly problem: string | null;
};

/** The runtime went to stable by itself; only an epoch above the burnt one can give the candidate weight again. */
export type SafeState = {
  readonly burntEpoch: number;
  readonly cause: "dead_man" | "candidate_failing" | "host_crash_loop" | "load_failed" | "operator";
};

/**
 * The newest word of one runtime that serves the endpoint. Runtimes that were taken out of service on purpose are not
 * listed; those that merely fell silent are, with `isReachable` false.
 */
export type RuntimeFact = {
  readonly runtimeId: string;
  readonly name: string;
  readonly isReachable: boolean;
  /** Database time of the last message. */
  readonly lastContactMs: number;
  /** 0 when it has not applied any table of this endpoint. */
  readonly appliedEpoch: number;
  /** Database time at which this process start was first seen to route by `appliedEpoch`. */
  readonly appliedAtMs: number | null;
  /** No request admitted under an earlier epoch is in flight on an arm that has no weight now. */
  readonly isDrained: boolean;
  readonly safeState: SafeState | null;
  readonly versions: readonly LoadedVersion[];
};

/** A fact that needs no statistics. `detail` is a sentence for the record. */
export type GuardRail = {
  readonly kind: "candidate_failing" | "host_crash_loop" | "load_failed" | "artifact_mismatch";
  readonly runtimeId: string;
  readonly detail: string;
};

/** Everything outside the release that a decision depends on, read in one go. */
export type Observation = {
  readonly endpoint: {
    readonly epoch: number;
    readonly stableVersionId: string;
    /** The release that the endpoint belongs to at present, or null. */
    readonly activeReleaseId: string | null;
  };
  readonly runtimes: readonly RuntimeFact[];
  readonly guardRails: readonly GuardRail[];
  /** Computed in this very round; null when there is nothing to judge yet. */
  readonly verdict: VerdictReport | null;
  readonly bake: BakeReport | null;
  /** Seconds since the promoted version last reported, once that is too long. */
  readonly bakeBlindSeconds: number | null;
  /** Stable's reference from before the release, as far as it can be taken; used once, before the first step. */
  readonly reference: FrozenReference | null;
  readonly freeze: { readonly name: string; readonly untilMs: number } | null;
  /** Golden inputs asked through the preview of a candidate at 0 %; absent or null: not done yet. */
  readonly smokeTest?: { readonly passed: number; readonly total: number } | null;
  readonly checklistOpen: readonly string[];
};

/** What the runtime says of a version; undefined when it says nothing. */
export function versionOn(runtime: RuntimeFact, versionId: string): LoadedVersion | undefined {
  return runtime.versions.find((version) => version.versionId === versionId);
}

/** Loaded, warmed, the right bytes, and every golden input answered as expected. */
export function isWarm(version: LoadedVersion | undefined): boolean {
  return (
    version !== undefined &&
    version.state === "ready" &&
    version.isDigestEqual &&
    version.goldenPassed === version.goldenTotal
  );
}

export function reachableRuntimes(observation: Observation): RuntimeFact[] {
  return observation.runtimes.filter((runtime) => runtime.isReachable);
}

/** Whether the version is warm on every reachable runtime; false when there is none. */
export function isWarmEverywhere(observation: Observation, versionId: string): boolean {
  const runtimes = reachableRuntimes(observation);
  return runtimes.length > 0 && runtimes.every((runtime) => isWarm(versionOn(runtime, versionId)));
}

/** Since when every reachable runtime routes by at least this epoch; null while one does not, or none is reachable. */
export function appliedEverywhereSinceMs(observation: Observation, epoch: number): number | null {
  const runtimes = reachableRuntimes(observation);
  if (runtimes.length === 0) return null;
  let since = 0;
  for (const { appliedEpoch, appliedAtMs } of runtimes) {
    if (appliedEpoch < epoch || appliedAtMs === null) return null;
    since = Math.max(since, appliedAtMs);
  }
  return since;
}
