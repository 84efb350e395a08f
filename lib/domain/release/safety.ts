import type { DecidedBy } from "./effect.ts";
import { versionOn, type Observation, type SafeState } from "./observation.ts";
import type { Release, RollbackCause } from "./release.ts";
import { guardsPastLimit, type VerdictReport } from "./verdict.ts";

/** A reason to leave the candidate at once, found without asking for any step rule. */
export type Alarm = {
  readonly cause: RollbackCause;
  readonly by: DecidedBy;
  readonly reason: string;
  readonly restsOnVerdict: boolean;
};

const FELL_BECAUSE: Readonly<Record<SafeState["cause"], string>> = {
  dead_man: "lost contact",
  candidate_failing: "saw only failures",
  host_crash_loop: "saw the model host crash again and again",
  load_failed: "could not load the version",
  operator: "was told to on its host",
};

/** A runtime that fell back by itself has burnt the epoch: the release cannot go on, whatever the statistics say. */
export function runtimeSafetyAlarm(
  release: Release,
  observation: Observation,
  fromEpoch: number | null,
): Alarm | null {
  const fallen = observation.runtimes.filter(
    ({ safeState }) =>
      safeState !== null && fromEpoch !== null && safeState.burntEpoch >= fromEpoch,
  );
  const first = fallen[0];
  const safeState = first?.safeState;
  if (first === undefined || safeState === undefined || safeState === null) return null;
  return {
    cause: "runtime_safety",
    by: { kind: "runtime", runtimeIds: fallen.map((runtime) => runtime.runtimeId) },
    reason: `${first.name} went back to stable by itself: it ${FELL_BECAUSE[safeState.cause]}.`,
    restsOnVerdict: false,
  };
}

/** Golden inputs answered otherwise than before: seen at 0 %, so nobody has met it. */
function smokeTestAlarm({ smokeTest }: Observation): Alarm | null {
  if (smokeTest === undefined || smokeTest === null || smokeTest.passed === smokeTest.total)
    return null;
  return {
    cause: "guard_rail",
    by: { kind: "policy" },
    reason: `The smoke test of the preview failed: ${smokeTest.passed} of ${smokeTest.total} golden inputs were answered as expected.`,
    restsOnVerdict: false,
  };
}

/** Crash loops, failed loads, wrong bytes and failed smoke tests need no statistics. */
export function guardRailAlarm(release: Release, observation: Observation): Alarm | null {
  const smoke = smokeTestAlarm(observation);
  if (smoke !== null && release.plan.strategy === "blue_green") return smoke;
  const reported = observation.guardRails[0];
  if (reported !== undefined) {
    return {
      cause: "guard_rail",
      by: { kind: "runtime", runtimeIds: [reported.runtimeId] },
      reason: reported.detail,
      restsOnVerdict: false,
    };
  }
  for (const runtime of observation.runtimes) {
    const version = versionOn(runtime, release.candidateVersionId);
    const isWrong = version !== undefined && !version.isDigestEqual;
    if (!isWrong && version?.state !== "failed") continue;
    const fault = isWrong
      ? "its file does not match the registered digest"
      : (version?.problem ?? "it failed to load");
    return {
      cause: "guard_rail",
      by: { kind: "runtime", runtimeIds: [runtime.runtimeId] },
      reason: `${runtime.name} cannot serve the candidate: ${fault}.`,
      restsOnVerdict: false,
    };
  }
  return null;
}

/** Harm proven by a guard whose action is to roll back. */
export function harmAlarm(observation: Observation): Alarm | null {
  const { verdict } = observation;
  if (verdict?.verdict !== "HARM" || verdict.action !== "roll_back") return null;
  return {
    cause: harmCause(verdict),
    by: { kind: "policy" },
    reason: "A guard is past its limit.",
    restsOnVerdict: true,
  };
}

/** Which kind of evidence it was: the guards first, because they are the ones with proof. */
function harmCause(verdict: VerdictReport): RollbackCause {
  const rolling = guardsPastLimit(verdict, []).filter(({ action }) => action === "roll_back");
  const isGuard = ({ metric }: { metric: string }) =>
    metric === "predictions" || verdict.guards.some((guard) => guard.metric === metric);
  if (rolling.length === 0 || rolling.some(isGuard)) return "harm";
  const first = rolling[0]?.metric;
  if (first === "pairedFailures") return "challenger_failing";
  return first === "outcome" ? "outcome" : "trigger";
}

/** Silence is no evidence; but a candidate that nobody can see loses its weight after the limit. */
export function blindAlarm(release: Release, observation: Observation): Alarm | null {
  const seconds = observation.verdict?.blindSeconds ?? null;
  if (seconds === null || seconds < release.plan.blindLimitSeconds) return null;
  return {
    cause: "blind",
    by: { kind: "policy" },
    reason: `No report from an arm with weight for ${Math.floor(seconds)} s.`,
    restsOnVerdict: true,
  };
}
