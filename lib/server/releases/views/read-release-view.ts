import { z } from "zod";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import type { ActorRef } from "#lib/contracts/views/view-parts.ts";
import { canonicalCounts, armTotal } from "#lib/domain/release/canonical-counts.ts";
import { independenceSentence, type SmallTeam } from "#lib/domain/release/approval-terms.ts";
import { approvalsComplete } from "#lib/domain/release/approvals.ts";
import { releaseWeightBp } from "#lib/domain/release/release.ts";
import { isEnd } from "#lib/domain/release/states.ts";
import { ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import { formatRatio, formatShare, formatWeight } from "#lib/domain/release/wording.ts";
import type { ApprovalRecord, ReleaseRecord } from "../../db/release-repository.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { TrailEntry } from "../../db/trail-repository.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { releaseTargets } from "../apply-move.ts";
import { asJson } from "../../content-digest.ts";
import { NO_BACK_TESTS } from "../back-test.ts";
import { observe, type Observed } from "../observe.ts";
import { planFor } from "../plan-for.ts";
import { groundsOfRelease } from "../../governance/load-grounds.ts";
import { checklistView } from "../../governance/views/checklist-view.ts";
import { requirementsOf } from "../open-requirements.ts";
import { releaseActions } from "./action-views.ts";
import { changesView, configurationRows } from "./change-views.ts";
import { decidedView, windowsDecidedFrom } from "./decided-view.ts";
import { bakeGuardViews, guardViews, predictionsView } from "./guard-views.ts";
import { rollbackInfo, stopwatchView } from "./rollback-views.ts";
import { outcomeSentence, sentenceOf, waitReasonOf, waitView } from "./say-release.ts";
import { dependentEndpoints, planDifferences } from "./plan-views.ts";
import { stepViews } from "./step-views.ts";
import { strategyView } from "./strategy-views.ts";

const LOG_ENTRIES = 60;
const ROLLBACK_TIMES = 20;

const MEANINGS = [
  { code: "evidence_reviewed", text: "I reviewed the evidence and it supports this release." },
  { code: "residual_risk_accepted", text: "I reviewed the evidence and accept the residual risk." },
  { code: "fit_for_use", text: "I confirm the version is fit for its stated use." },
] as const;

const meaningText = (code: string): string => MEANINGS.find((meaning) => meaning.code === code)?.text ?? "Rejected";
const roleLabel = (role: string): string | null => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : null);

const person = (name: string, role: string | null = null): ActorRef => ({ kind: "person", name, role });
const POLICY: ActorRef = { kind: "policy", name: "Plan", role: null };

/** What of an entry is shown: its sentence where the engine wrote one, else what happened. */
function logText(entry: TrailEntry): string {
  const said = entry.after?.["sentence"];
  if (typeof said === "string" && said !== "") return said;
  return entry.reason === null ? entry.label : `${entry.label}: ${entry.reason}`;
}

/** Entries that the charts flag: those that moved the weight. */
const FLAGGED = new Set(["release.step_entered", "release.promotion_ordered", "release.rollback_ordered", "release.held"]);

function logView(entries: readonly TrailEntry[], total: number, head: { checkpointSize: number | null; signedAt: Date | null }): ReleaseView["log"] {
  const flagged = entries.filter(({ action }) => FLAGGED.has(action)).map(({ seq }) => seq).reverse();
  return {
    total,
    entries: entries.map((entry) => ({
      seq: entry.seq,
      at: entry.occurredAt.toISOString(),
      actor: { kind: entry.actorType, name: entry.actorType === "policy" ? "Plan" : entry.actorName, role: null },
      text: logText(entry),
      flag: flagged.includes(entry.seq) ? flagged.indexOf(entry.seq) + 1 : null,
    })),
    chain: { state: "unchecked", upToSeq: head.checkpointSize === null || head.checkpointSize === 0 ? null : head.checkpointSize - 1, checkedAt: null },
  };
}

function howItDecides({ release }: ReleaseRecord): string[] {
  const { plan } = release;
  const rates = plan.guards.map(({ metric, limitRatio }) => `${metric === "error" ? "errors" : metric === "wrongLabel" ? "wrong labels" : metric === "latencyP95" ? "answers slower than stable's p95" : "answers slower than stable's p99"} ${formatRatio(limitRatio)} times`);
  return [
    "Both versions answer at the same time, so a bad hour hits both. Each guard is a limit on the candidate's rate divided by stable's.",
    `Limits here: ${rates.join(", ")}.`,
    `Bands are always-valid confidence sequences: looking often does not raise false alarms. Over the whole release at most ${formatShare(plan.alpha)} of good versions are stopped by chance, and at most ${formatShare(plan.beta)} of versions at a limit are called safe by its guard.`,
    "A guard stops the release when its whole band lies past the limit, and is proven when the whole band lies inside, or when the candidate's own rate is proven below its ceiling.",
    "The unit is the caller's key; a key counts once, at its first bad answer. Undecided never counts as passed, and missing data never counts for either side.",
  ];
}

function approvalRows(approvals: readonly ApprovalRecord[]): ReleaseView["approvals"]["rows"] {
  return approvals.map((approval) => ({
    approvalId: approval.id,
    by: person(approval.signedName, roleLabel(approval.role)),
    decision: approval.decision,
    meaning: meaningText(approval.meaning),
    reason: approval.reason,
    digest: approval.digest,
    signedAt: approval.signedAt.toISOString(),
    voidedAt: approval.voidedAt?.toISOString() ?? null,
    voidReason: approval.voidReason,
    method: approval.method,
    onBehalfOf: approval.onBehalfOf,
    isIndependent: approval.isIndependent,
  }));
}

function trafficView(record: ReleaseRecord, { verdict, windows, periods }: Observed): ReleaseView["traffic"] {
  if (verdict === null) return null;
  const { release } = record;
  const inStep = windows.filter(({ epoch }) => epoch === release.stepEpoch);
  const of = (arm: string) => inStep.filter((window) => window.arm === arm).reduce((sum, { requests }) => sum + requests, 0);
  const [candidate, stable] = [of("candidate"), of("stable")];
  const period = periods.find(({ epoch }) => epoch === release.stepEpoch);
  const seconds = new Set(inStep.map(({ windowStart }) => windowStart)).size * release.plan.windowSeconds;
  const total = candidate + stable;
  return {
    plannedBp: period?.candidateShareBp ?? releaseWeightBp(release),
    observedBp: total === 0 ? null : Math.round((10_000 * candidate) / total),
    candidateRequests: candidate,
    totalRequests: total,
    requestsPerSecond: seconds === 0 ? null : Math.round((10 * total) / seconds) / 10,
    mismatch: verdict.report.split.isAlarm,
  };
}

/** What one page needs, read in one snapshot. */
async function readFacts(db: ReadModels, record: ReleaseRecord, actor: Actor, now: Date) {
  const { release } = record;
  const endpoint = await db.endpoints.getEndpoint({ id: release.endpointId });
  const stableSince = (await db.endpoints.deploymentsAt(endpoint.id, record.createdAt)).find(({ versionId }) => versionId === release.stableVersionId);
  const nameOf = async (personId: string | null): Promise<string | null> =>
    personId === null ? null : ((await db.people.findPersonByPersonId(personId))?.name ?? null);
  return {
    observed: await observe(db, record, now),
    candidate: await db.models.getVersionById(release.candidateVersionId),
    servedBefore: await db.runtimeConfigurations.configurationAt(endpoint.id, stableSince?.startedAt ?? record.createdAt),
    served: await db.runtimeConfigurations.configurationAt(endpoint.id, record.endedAt ?? now),
    stable: await db.models.getVersionById(release.stableVersionId),
    model: await db.models.getModel(record.modelName),
    decisions: await db.releases.decisionsOf(release.id),
    approvals: await db.releases.approvalsOf(release.id),
    runtimes: await db.runtimes.listRuntimes(now),
    requirements: requirementsOf(endpoint.environment.policy, await groundsOfRelease(db, record, now)),
    trail: await db.entries.entriesAbout({ type: "release", id: release.id }, LOG_ENTRIES),
    head: await db.entries.trailHead(),
    author: await db.people.findPersonByPersonId(release.authorId),
    heldBy: await nameOf(release.hold?.personId ?? null),
    rolledBackBy: await nameOf(release.rollback?.personId ?? null),
    delegatedRoles: await delegatedRolesOf(db, actor, now),
    rollbackTimes: await db.releases.rollbackTimes(record.environmentId, ROLLBACK_TIMES),
    dependents: await dependentEndpoints(db, record),
    usualPlan: planFor(endpoint.environment, release.plan.strategy),
  };
}

/** Roles in which somebody signs in the place of another at this moment; a token signs for nobody else. */
async function delegatedRolesOf(db: ReadModels, actor: Actor, now: Date): Promise<string[]> {
  if (actor.type !== "person" || actor.userId === null) return [];
  return (await db.signatures.delegations({ toUserId: actor.userId, at: now })).map(({ role }) => role);
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

const versionRef = (record: ReleaseRecord, version: VersionRecord) => ({
  versionId: version.id,
  modelName: record.modelName,
  versionName: version.name,
  digest: version.digest,
});

const isoOrNull = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

function identityPart(record: ReleaseRecord, { candidate, stable, model, author }: Facts) {
  const { release } = record;
  const role = author?.grants[0] ? ROLE_LABELS[author.grants[0].role] : null;
  return {
    releaseId: release.id,
    number: record.number,
    rowVersion: record.rowVersion,
    demo: record.demo,
    endpointName: record.endpointName,
    environmentName: record.environmentName,
    riskTier: model.riskTier,
    strategy: release.plan.strategy,
    candidate: versionRef(record, candidate),
    stable: versionRef(record, stable),
    author: person(author?.name ?? "Unknown person", role),
    createdAt: record.createdAt.toISOString(),
    startedAt: isoOrNull(record.startedAt),
    endedAt: isoOrNull(record.endedAt),
    planDigest: record.planDigest,
    policyName: `${record.environmentName} policy`,
  };
}

function standingPart(record: ReleaseRecord, { observed, decisions, heldBy }: Facts, now: Date) {
  const { release } = record;
  const reason = waitReasonOf(record, observed.observation, now);
  const isOver = isEnd(release.state);
  const outcome = isOver || release.state === "ROLLING_BACK" ? outcomeSentence(decisions) : null;
  return {
    state: release.state,
    holdReason: release.hold?.reason ?? null,
    stateSince: new Date(release.stateSinceMs).toISOString(),
    stepIndex: release.stepIndex ?? 0,
    weightBp: releaseWeightBp(release),
    open: !isOver,
    sentence: outcome ?? sentenceOf(record, reason, now, heldBy),
    wait: waitView(record, reason, now),
  };
}

function bakePart({ release }: ReleaseRecord, { observed, decisions }: Facts): ReleaseView["bake"] {
  const began = decisions.find(({ toState }) => toState === "BAKING");
  const ended = decisions.find(({ fromState }) => fromState === "BAKING");
  const { bakeSeconds: seconds } = release.plan;
  return {
    seconds,
    startedAt: isoOrNull(began?.at),
    endsAt: began ? new Date(began.at.getTime() + seconds * 1000).toISOString() : null,
    endedAt: isoOrNull(ended?.at),
    guards: bakeGuardViews(observed.bake?.report ?? null, release.reference?.latencyThresholdsUs ?? null),
  };
}

function guardsPart({ release }: ReleaseRecord, observed: Observed): ReleaseView["guards"] {
  if (observed.verdict === null) return [];
  const { report, counts } = observed.verdict;
  const windows = windowsDecidedFrom(observed);
  const endMs = ({ windowStart, windowSeconds }: Observed["windows"][number]): number => Date.parse(windowStart) + windowSeconds * 1000;
  return guardViews({
    plan: release.plan,
    report,
    counts,
    windows,
    thresholds: release.reference?.latencyThresholdsUs ?? null,
    endMs: observed.decided?.decision.at.getTime() ?? null,
    countsAt: (untilMs) => canonicalCounts(windows.filter((window) => endMs(window) <= untilMs), counts.context),
  });
}

function approvalsPart({ release }: ReleaseRecord, { approvals }: Facts): ReleaseView["approvals"] {
  const isAsked = release.state === "PENDING_APPROVAL" && release.expiresAtMs !== null;
  return {
    required: release.approvalsNeeded,
    given: approvalsComplete(release).have,
    rolesNeeded: (release.rolesNeeded ?? []).map((role) => roleLabel(role) ?? role),
    independence: (release.smallTeam ?? null) === null ? null : independenceSentence(release.smallTeam as SmallTeam),
    boundDigest: release.state === "DRAFT" ? null : release.digest,
    meanings: [...MEANINGS],
    expiresAt: isAsked ? new Date(release.expiresAtMs ?? 0).toISOString() : null,
    rows: approvalRows(approvals),
  };
}

function viewOf(record: ReleaseRecord, facts: Facts, actor: Actor, now: Date): ReleaseView {
  const { release } = record;
  const { observed, decisions, trail, head, candidate, stable, runtimes, rolledBackBy, rollbackTimes } = facts;
  const counts = observed.verdict?.counts ?? null;
  const changes = changesView(stable, candidate);
  const orderedBy = release.rollback?.personId ? person(rolledBackBy ?? "A person") : POLICY;
  return {
    asOf: now.toISOString(),
    ...identityPart(record, facts),
    ...standingPart(record, facts, now),
    steps: stepViews({
      release,
      decisions,
      counts,
      unitWord: observed.verdict?.report.unitWord ?? "requests",
      actorOf: () => POLICY,
    }),
    bake: bakePart(record, facts),
    evidenceSince: isoOrNull(decisions.find(({ toState }) => toState === "STEP_ACTIVE")?.at),
    howItDecides: howItDecides(record),
    decided: decidedView(observed),
    byStrategy: strategyView(record, observed, decisions, record.outcome?.backTests ?? NO_BACK_TESTS),
    plan: asJson(release.plan) as Record<string, unknown>,
    dependents: facts.dependents,
    planDifferences: planDifferences(release.plan, facts.usualPlan),
    guards: guardsPart(record, observed),
    predictions: predictionsView(observed.verdict?.report.predictions ?? null),
    traffic: trafficView(record, observed),
    approvals: approvalsPart(record, facts),
    checklist: checklistView(facts.requirements),
    changes: { ...changes, rows: [...changes.rows, ...configurationRows(facts.servedBefore, facts.served)] },
    log: logView(trail.entries, trail.total, head),
    actions: releaseActions(record, actor, observed.observation, facts.delegatedRoles),
    rollback: rollbackInfo(record, rollbackTimes, counts === null ? 0 : armTotal(counts, "candidate").requests),
    stopwatch: stopwatchView(record, runtimes, orderedBy),
  };
}

/** Everything the release page shows, from one snapshot of the database. */
export const readReleaseView = query({
  name: "read-release-view",
  permission: "release:read",
  of: "one",
  /** A number as people say it, or an id. */
  input: z.union([
    z.strictObject({ number: z.number().int().positive() }),
    z.uuid().transform((id) => ({ id })),
    z.string().regex(/^[1-9][0-9]{0,8}$/).transform((text) => ({ number: Number(text) })),
  ]),
  async run({ db, actor, input, now, authorise }): Promise<ReleaseView> {
    const record = await db.releases.getRelease(input);
    authorise({ environmentId: record.environmentId, targets: releaseTargets(record) });
    return viewOf(record, await readFacts(db, record, actor, now), actor, now);
  },
});

/** "credit-default 2.1.0, 10 % of production". */
export const titleOf = (record: ReleaseRecord): string => {
  const name = `${record.modelName} ${record.candidateName}`;
  const weightBp = releaseWeightBp(record.release);
  if (isEnd(record.release.state) || weightBp === 0) return `${name} on ${record.endpointName}`;
  return `${name}, ${formatWeight(weightBp)} of ${record.environmentName}`;
};
