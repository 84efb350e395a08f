import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { STATES_WITH_ROLL_BACK } from "#lib/domain/release/machine.ts";
import { validApprovals } from "#lib/domain/release/approvals.ts";
import type { Move } from "#lib/domain/release/move.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { independenceSentence } from "#lib/domain/release/approval-terms.ts";
import { planProblems } from "#lib/domain/release/plan-problems.ts";
import { STATES_WITH_WEIGHT } from "#lib/domain/release/states.ts";
import type { ApprovalRecord, ReleaseRecord } from "../../db/release-repository.ts";
import type { UnitOfWork } from "../../ports.ts";
import { releaseTargets } from "../../releases/release-targets.ts";
import { type NewFact, recordFacts } from "../record-facts.ts";
import { releaseSubject, versionSubject } from "../subjects.ts";
import { changesOfRelease, envelopeFact } from "./envelope-fact.ts";

export const ENGINE_PRODUCER = { producer: "Release engine", producerVersion: "engine/2" } as const;

/** Long enough for every answer to drain; a roll back is promised within a second. */
const RESTORE_OBJECTIVE_MS = 60_000;

/** What is true of a release by its plan and its two versions, from when it is made or planned anew: strategy, triggers, what it changes, and whether the change plan allows it. */
export async function recordPlanFacts(tx: UnitOfWork, record: ReleaseRecord, now: Date): Promise<AuditDraft[]> {
  const { plan } = record.release;
  const subject = releaseSubject(record);
  const definedAt = now.toISOString();
  const firstTrafficAt = (record.startedAt ?? now).toISOString();
  const changes = await changesOfRelease(tx, record);
  const metrics = [...plan.guards, ...(plan.triggers ?? [])].map(({ metric }) => metric);
  const among = (...names: readonly string[]) => metrics.filter((metric) => names.includes(metric)).length;
  const latency = among("latencyP95", "latencyP99", "latencyP50Ms", "latencyP95Ms");
  const errors = among("error", "errorRate");
  const drift = among("predictionShift", "featureDrift") + (plan.predictionGuard === null ? 0 : 1);
  const steps = plan.steps.length + 1;
  const promotes = planProblems(plan).length === 0;
  // A way back from every state in which the candidate may answer somebody.
  const aborts = STATES_WITH_WEIGHT.every((state) => STATES_WITH_ROLL_BACK.includes(state));
  const facts: NewFact[] = [
    {
      kind: "release_strategy_selected",
      subject,
      summary: `${plan.strategy.replaceAll("_", " ")}, ${plan.steps.length} steps before promotion; ${aborts ? "from each one a way leads back" : "not every one has a way back"}.`,
      details: { strategy: plan.strategy, steps, promotes, aborts },
      inputsHash: record.planDigest,
    },
    {
      kind: "rollback_triggers_defined",
      subject,
      summary: `${latency} latency, ${errors} error and ${drift} drift triggers, frozen in the plan.`,
      details: { latencyTriggers: latency, errorTriggers: errors, driftTriggers: drift, definedAt, firstTrafficAt },
      inputsHash: record.planDigest,
    },
    {
      kind: "change_record",
      subject,
      summary: `${record.modelName} ${record.candidateName} in place of ${record.stableName}: ${record.reason ?? "no reason was given"}. ${changes.map(({ say }) => say).join(" ")}`.trim(),
      details: { from: record.stableDigest, to: record.candidateDigest, justified: record.reason !== null, changes: changes.length, parts: changes.map(({ part }) => part) },
    },
  ];
  const within = await envelopeFact(tx, record, now);
  if (within !== null) facts.push(within);
  return recordFacts(tx, facts, { ...ENGINE_PRODUCER, targets: releaseTargets(record), now });
}

/** Signatures that the release counts although their row says they are void: none, unless something is wrong. */
function countedThoughVoid(release: Release, approvals: readonly ApprovalRecord[]): number {
  return validApprovals(release).filter(({ personId, digest }) => {
    const own = approvals.filter((row) => row.decision === "approved" && row.personId === personId && row.digest === digest);
    return own.length === 0 || own.every(({ voidedAt }) => voidedAt !== null);
  }).length;
}

function approvalFacts(record: ReleaseRecord, next: Release, approvals: readonly ApprovalRecord[]): NewFact[] {
  const subject = releaseSubject(record);
  const given = approvals.filter(({ decision, voidedAt, digest }) => decision === "approved" && voidedAt === null && digest === record.release.digest);
  const newest = given.at(-1);
  if (newest === undefined) return [];
  const dependent = given.filter(({ isIndependent }) => !isIndependent).length;
  const standing = next.smallTeam ?? null;
  return [
    {
      kind: "release_approval_signed",
      subject,
      summary: `${given.length} of ${record.release.approvalsNeeded} approvals on this digest, newest by ${newest.signedName}.${standing === null ? "" : ` ${independenceSentence(standing)}`}`,
      details: {
        required: record.release.approvalsNeeded,
        given: given.length,
        voided: countedThoughVoid(next, approvals),
        boundDigest: record.release.digest,
        independenceMet: standing === null && dependent === 0,
        signedByAuthors: dependent,
      },
    },
    {
      kind: "esignature_record",
      subject,
      summary: `${newest.signedName} signed: ${newest.meaning.replaceAll("_", " ")}.`,
      details: { signedName: newest.signedName, signedAt: newest.signedAt.toISOString(), meaning: newest.meaning, digest: newest.digest, method: newest.method },
    },
  ];
}

async function promotionFacts(tx: UnitOfWork, record: ReleaseRecord): Promise<NewFact[]> {
  const decisions = await tx.releases.decisionsOf(record.release.id);
  const compared = ["STEP_ACTIVE", "HOLDING", "AWAITING_GATE"];
  const passed = decisions.filter(({ fromState, toState }) => compared.includes(fromState) && (toState === "STEP_ACTIVE" || toState === "PROMOTING"));
  const judged = decisions.filter(({ verdict }) => verdict !== "NONE");
  const unjudged = passed.filter(({ verdict }) => verdict === "NONE").length;
  return [
    {
      kind: "canary_analysis_report",
      subject: releaseSubject(record),
      summary: `${passed.length} steps passed, each compared with stable at the same time; ${unjudged === 0 ? "none" : unjudged} without a verdict.`,
      details: { decisions: judged.length, promotedWithoutVerdict: unjudged, countsSha256: judged.at(-1)?.countsSha256 ?? null },
    },
  ];
}

async function rolledBackFacts(tx: UnitOfWork, record: ReleaseRecord, next: Move["release"], now: Date): Promise<NewFact[]> {
  const { rollback } = next;
  if (rollback === null) return [];
  const doneMs = rollback.finishedAtMs ?? now.getTime();
  const runtimes = (await tx.runtimes.listRuntimes(now)).filter(({ live }) => live);
  const stable = runtimes.flatMap(({ acks }) => acks?.versions.filter(({ versionId }) => versionId === next.stableVersionId) ?? []);
  const restoredDigestVerified = stable.length > 0 && stable.every(({ digestEqual }) => digestEqual);
  const executed: NewFact = {
    kind: "rollback_executed",
    subject: releaseSubject(record),
    summary: `${record.stableName} answers everything again on ${record.endpointName}, ${doneMs - rollback.orderedAtMs} ms after the order.`,
    details: { orderedAt: new Date(rollback.orderedAtMs).toISOString(), doneAt: new Date(doneMs).toISOString(), restoredDigestVerified, restoredDigest: record.stableDigest },
  };
  const endpoint = await tx.endpoints.getEndpoint({ id: next.endpointId });
  // A drill says more of itself, once it is over: see drill-evidence.ts.
  if (endpoint.environment.policy.stage !== "staging" || next.plan.drill !== undefined) return [executed];
  return [
    executed,
    {
      kind: "rollback_drill_passed",
      subject: versionSubject({ id: next.candidateVersionId, digest: record.candidateDigest }),
      summary: `Rolled back in ${endpoint.environment.name} with release ${record.number}, in ${doneMs - rollback.orderedAtMs} ms.`,
      details: {
        release: `Release ${record.number}`,
        strategy: next.plan.strategy,
        restoreMs: doneMs - rollback.orderedAtMs,
        objectiveMs: RESTORE_OBJECTIVE_MS,
        goldenEqual: stable.length > 0 && stable.every(({ goldenPassed, goldenTotal }) => goldenPassed === goldenTotal),
      },
    },
  ];
}

/** What a move of the engine proves, in the transaction of the move itself. */
export async function recordMoveFacts(tx: UnitOfWork, record: ReleaseRecord, moved: Move): Promise<AuditDraft[]> {
  const approvals = moved.event === "approve" ? await tx.releases.approvalsOf(record.release.id) : [];
  const now = approvals.at(-1)?.signedAt ?? new Date(moved.release.stateSinceMs);
  const facts = await (async () => {
    switch (moved.event) {
      case "approve":
        return approvalFacts(record, moved.release, approvals);
      case "bake":
        return promotionFacts(tx, record);
      case "finish_rollback":
        return rolledBackFacts(tx, record, moved.release, now);
      default:
        return [];
    }
  })();
  return facts.length === 0 ? [] : recordFacts(tx, facts, { ...ENGINE_PRODUCER, targets: releaseTargets(record), now });
}
