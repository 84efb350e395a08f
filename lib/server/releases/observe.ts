import { bakeCounts, judgeBake, type BakeCounts } from "#lib/domain/release/bake.ts";
import type { CanonicalCounts } from "#lib/domain/release/canonical-counts.ts";
import { judgeContext, type RoutePeriod } from "#lib/domain/release/judge-context.ts";
import { freezeAt } from "#lib/domain/release/freeze.ts";
import type { GuardRail, Observation, RuntimeFact } from "#lib/domain/release/observation.ts";
import { freezeReference, type FrozenReference } from "#lib/domain/release/reference.ts";
import type { Release } from "#lib/domain/release/release.ts";
import type { ReleaseState } from "#lib/domain/release/states.ts";
import { type BootTelemetry, telemetryState } from "#lib/domain/release/telemetry.ts";
import { judge, type VerdictReport } from "#lib/domain/release/verdict.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { RuntimeRecord } from "../db/runtime-repository.ts";
import type { StoredRoute } from "../db/endpoint-repository.ts";
import type { StoredWindow } from "../db/window-repository.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { featureTrafficOf } from "./feature-traffic.ts";
import { decidedBake, decidedComparison, type DecidedComparison } from "./as-decided.ts";
import type { Moment } from "#lib/domain/governance/checklist/gates.ts";
import { groundsOfRelease } from "../governance/load-grounds.ts";
import { openRequirements } from "./open-requirements.ts";

/** Stable's windows that a reference may be frozen from: enough for a p99, recent enough to be today. */
const REFERENCE_WINDOWS = 400;
/** A model host that had to be started again this often since the version was loaded is in a crash loop. */
const CRASH_LOOP_RESTARTS = 5;

/** What a decision was made from, beside the observation itself. */
export type Observed = {
  readonly observation: Observation;
  readonly windows: readonly StoredWindow[];
  readonly periods: readonly RoutePeriod[];
  readonly verdict: { readonly report: VerdictReport; readonly counts: CanonicalCounts } | null;
  readonly bake: { readonly report: NonNullable<Observation["bake"]>; readonly counts: BakeCounts } | null;
  /** Set once the comparison was ended by a decision: `verdict` is then what stood in its counts, `live` what all windows say. */
  readonly decided: (DecidedComparison & { readonly live: { readonly report: VerdictReport; readonly counts: CanonicalCounts } }) | null;
};

type Reader = Pick<UnitOfWork, "windows" | "runtimes" | "endpoints" | "releases" | "models" | "evidence" | "governance" | "install" | "baselines" | "rollups" | "scans"> | ReadModels;

export function runtimeFact(runtime: RuntimeRecord, endpointId: string): RuntimeFact {
  const endpoint = runtime.acks?.endpoints.find((ack) => ack.endpointId === endpointId);
  const times = runtime.ackTimes[endpointId];
  return {
    runtimeId: runtime.id,
    name: runtime.name,
    isReachable: runtime.live,
    lastContactMs: runtime.lastSeenAt.getTime(),
    appliedEpoch: endpoint?.epoch ?? 0,
    appliedAtMs: endpoint && times?.epoch === endpoint.epoch ? times.appliedMs : null,
    isDrained: endpoint?.drained ?? false,
    safeState: endpoint?.safeState ? { burntEpoch: endpoint.safeState.burntEpoch, cause: endpoint.safeState.cause } : null,
    versions: (runtime.acks?.versions ?? []).map((version) => ({
      versionId: version.versionId,
      state: version.state,
      // While the bytes are on their way nothing has been compared yet: that is not a wrong digest.
      isDigestEqual: version.digestEqual || version.state === "downloading",
      goldenPassed: version.goldenPassed,
      goldenTotal: version.goldenTotal,
      problem: version.problem,
    })),
  };
}

function guardRailsOf(runtimes: readonly RuntimeRecord[], candidateVersionId: string): GuardRail[] {
  return runtimes.flatMap((runtime) => {
    const version = runtime.acks?.versions.find(({ versionId }) => versionId === candidateVersionId);
    if (!version || version.hostRestarts < CRASH_LOOP_RESTARTS) return [];
    const detail = `${runtime.name} had to start the candidate's model host ${version.hostRestarts} times.`;
    return [{ kind: "host_crash_loop" as const, runtimeId: runtime.id, detail }];
  });
}

/** From when to when each of the release's tables was in force. */
export function routePeriods(routes: readonly StoredRoute[], endedAtMs: number | null): RoutePeriod[] {
  return routes.map((route, index) => ({
    epoch: route.epoch,
    candidateShareBp: route.arms.find(({ arm }) => arm === "candidate")?.weightBp ?? 0,
    fromMs: route.createdAt.getTime(),
    toMs: routes[index + 1]?.createdAt.getTime() ?? endedAtMs,
  }));
}

/** Every process start that should be reporting, or was: the living ones, and those that windows speak of. */
function bootsOf(release: Release, runtimes: readonly RuntimeRecord[], windows: readonly StoredWindow[]): BootTelemetry[] {
  const step = windows.filter(({ epoch }) => epoch === release.stepEpoch);
  const byBoot = Map.groupBy(step, ({ bootId }) => bootId);
  const living = runtimes.map((runtime): BootTelemetry => {
    const own = byBoot.get(runtime.bootId) ?? [];
    const times = runtime.ackTimes[release.endpointId];
    const windowMs = own.map(({ receivedAtMs }) => receivedAtMs);
    const heardMs = [...windowMs, ...(runtime.windowsAt && runtime.windowsAt >= runtime.registeredAt ? [runtime.windowsAt.getTime()] : [])];
    return {
      runtimeId: runtime.id,
      name: runtime.name,
      bootId: runtime.bootId,
      isAlive: runtime.live,
      firstWindowMs: windowMs.length === 0 ? null : Math.min(...windowMs),
      lastWindowMs: heardMs.length === 0 ? null : Math.max(...heardMs),
      appliedAtMs: times && times.epoch === release.stepEpoch ? times.appliedMs : null,
      hasFinalWindow: false,
      endedAtMs: runtime.live ? null : runtime.lastSeenAt.getTime(),
    };
  });
  const gone = [...byBoot].flatMap(([bootId, own]): BootTelemetry[] => {
    if (runtimes.some((runtime) => runtime.bootId === bootId)) return [];
    const runtime = runtimes.find(({ id }) => id === own[0]?.runtimeId);
    const receivedMs = own.map(({ receivedAtMs }) => receivedAtMs);
    const newest = own.reduce((a, b) => (a.windowStart >= b.windowStart ? a : b));
    return [
      {
        runtimeId: newest.runtimeId,
        name: runtime?.name ?? "A runtime that was retired",
        bootId,
        isAlive: false,
        firstWindowMs: Math.min(...receivedMs),
        lastWindowMs: Math.max(...receivedMs),
        appliedAtMs: Math.min(...receivedMs),
        hasFinalWindow: newest.final,
        endedAtMs: runtime?.registeredAt.getTime() ?? Math.max(...receivedMs),
      },
    ];
  });
  return [...living, ...gone];
}

async function referenceFor(db: Reader, release: Release, now: Date): Promise<FrozenReference | null> {
  if (release.reference !== null) return release.reference;
  const windows = await db.windows.windowsBefore(
    { endpointId: release.endpointId, versionId: release.stableVersionId, before: now },
    REFERENCE_WINDOWS,
  );
  return freezeReference(windows);
}

/** What the gate asks about next: what was known at submission, then what must be there before traffic, then before live weight. */
function momentOf({ state, plan }: Release): Moment {
  if (state === "DRAFT" || state === "PENDING_APPROVAL") return "submit";
  return state === "APPROVED" && plan.shadow !== null ? "first_traffic" : "first_weight";
}

async function checklistOpen(db: Reader, record: ReleaseRecord, now: Date): Promise<string[]> {
  const { release } = record;
  const endpoint = await db.endpoints.getEndpoint({ id: release.endpointId });
  const version = await db.models.getVersionById(release.candidateVersionId);
  const grounds = await groundsOfRelease(db, record, now);
  return openRequirements(version, endpoint.environment.policy, grounds, momentOf(release));
}

/** States in which a decision may rest on the comparison of both arms. Elsewhere only a page asks for it. */
const COMPARED: readonly ReleaseState[] = ["SHADOWING", "STEP_ACTIVE", "HOLDING", "AWAITING_GATE"];

/** Whether there is anything to compare: the candidate had weight, or its answers are compared without it. */
const hasEvidence = ({ firstWeightEpoch, plan, state, reference }: Release): boolean =>
  firstWeightEpoch !== null || (plan.shadow?.comparison !== undefined && (state === "SHADOWING" || reference !== null));

/** What the golden inputs gave through the preview, from the evidence about this release; null before. */
async function smokeTestOf(db: Reader, release: Release): Promise<{ passed: number; total: number } | null> {
  if (release.plan.strategy !== "blue_green" || release.stepIndex === null) return null;
  const facts = await db.evidence.evidenceOf("release", release.id);
  const details = facts.find(({ kind }) => kind === "smoke_test")?.details;
  const { passed, total } = details ?? {};
  return typeof passed === "number" && typeof total === "number" ? { passed, total } : null;
}

/**
 * Everything outside the release that a decision depends on, read in one go, with the verdict computed from it.
 * `decision` leaves out the comparison where no decision can rest on it, so that a day of bake costs nothing.
 */
export async function observe(
  db: Reader,
  record: ReleaseRecord,
  now: Date,
  purpose: "page" | "decision" = "page",
): Promise<Observed> {
  const { release } = record;
  const endpoint = await db.endpoints.getEndpoint({ id: release.endpointId });
  const active = await db.releases.openReleaseOf(release.endpointId);
  const runtimes = await db.runtimes.listRuntimes(now);
  const routes = await db.endpoints.routesOfRelease(release.id);
  const periods = routePeriods(routes, record.endedAt?.getTime() ?? null);
  const isCompared = hasEvidence(release) && (purpose === "page" || COMPARED.includes(release.state));
  const windows = isCompared ? await db.windows.windowsOfRelease(release.id) : [];
  const reference = await referenceFor(db, release, now);

  const base: Observation = {
    endpoint: {
      epoch: endpoint.epoch,
      stableVersionId: endpoint.stableVersionId ?? release.stableVersionId,
      activeReleaseId: active?.release.id ?? null,
    },
    runtimes: runtimes.map((runtime) => runtimeFact(runtime, release.endpointId)),
    guardRails: guardRailsOf(runtimes, release.candidateVersionId),
    verdict: null,
    bake: null,
    bakeBlindSeconds: null,
    reference,
    freeze: freezeAt(endpoint.environment.policy.freezeWindows, now.getTime()),
    smokeTest: await smokeTestOf(db, release),
    checklistOpen: release.firstWeightEpoch === null ? await checklistOpen(db, record, now) : [],
  };
  const telemetry = telemetryState(bootsOf(release, runtimes, windows), release.plan.windowSeconds, now.getTime());
  const live = isCompared
    ? judge(release.plan, windows, judgeContext(release, periods, base, telemetry, now.getTime()), await featureTrafficOf(db, release, now))
    : null;
  const isOver = purpose === "page" && !COMPARED.includes(release.state);
  const { verdict, decided, bake } = isOver
    ? await asDecided(db, release, live, reference)
    : { verdict: live, decided: null, bake: await observeBake(db, release, reference) };
  return {
    observation: {
      ...base,
      verdict: verdict?.report ?? null,
      bake: bake?.report ?? null,
      bakeBlindSeconds: release.state === "BAKING" ? bakeBlindSeconds(runtimes, release, now) : null,
    },
    windows,
    periods,
    verdict,
    bake,
    decided,
  };
}

/** A page about a release that was decided: comparison and bake as they stood in the decisions that ended them. */
async function asDecided(
  db: Reader,
  release: Release,
  live: Observed["verdict"],
  reference: FrozenReference | null,
): Promise<Pick<Observed, "verdict" | "decided" | "bake">> {
  const decisions = live === null ? [] : await db.releases.decisionsOf(release.id);
  const ended = await decidedComparison(db, release.plan, decisions);
  const bake = (await decidedBake(db, release.plan, decisions)) ?? (await observeBake(db, release, reference));
  if (ended === null || live === null) return { verdict: live, decided: null, bake };
  return { verdict: { report: ended.report, counts: ended.counts }, decided: { ...ended, live }, bake };
}

/** Runtimes send telemetry at least every 5 s, empty if need be; this long without any is silence. */
const BAKE_SILENCE_MS = 20_000;

/** Seconds since telemetry last came from the runtime that has been silent longest, once that is too long. */
function bakeBlindSeconds(runtimes: readonly RuntimeRecord[], release: Release, now: Date): number | null {
  const silentMs = runtimes.map(({ windowsAt }) => now.getTime() - Math.max(windowsAt?.getTime() ?? 0, release.stateSinceMs));
  const longest = Math.max(0, ...silentMs);
  return longest > BAKE_SILENCE_MS ? longest / 1000 : null;
}

async function observeBake(db: Reader, release: Release, reference: FrozenReference | null): Promise<Observed["bake"]> {
  if (release.promotionEpoch === null || reference === null) return null;
  const windows = await db.windows.windowsSinceEpoch({
    endpointId: release.endpointId,
    versionId: release.candidateVersionId,
    fromEpoch: release.promotionEpoch,
  });
  const counts = bakeCounts(windows, { versionId: release.candidateVersionId, fromEpoch: release.promotionEpoch }, reference);
  return { counts, report: judgeBake(release.plan, counts) };
}
