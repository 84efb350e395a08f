import { z } from "zod";
import { decideBatchChangeBody, reasonBody } from "#lib/contracts/batch.ts";
import { approvalRule } from "#lib/contracts/environment-policy.ts";
import { rolesIn } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { seatsThatCanBeFilled, type ApprovalRule } from "#lib/domain/release/approval-terms.ts";
import { command, unchanged } from "../command.ts";
import type { BatchChangeRecord } from "../db/batch-change-repository.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { Actor, AuditDraft, AuditTarget, UnitOfWork } from "../ports.ts";
import { switchVersion } from "../registry/switch-version.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

const numbered = { number: z.number().int().positive() };

async function locateChange(tx: UnitOfWork, number: number) {
  const change = await tx.batchChanges.getChange({ number });
  const located = await locateEndpoint(tx, { id: change.endpointId });
  const target: AuditTarget = { type: "batch_change", id: change.id, name: `Batch change ${change.number}`, digest: change.digest };
  return { ...located, change, targets: [target, ...located.targets] };
}

const notOpen = (change: BatchChangeRecord): AppError =>
  new AppError("illegal_transition", `Change ${change.number} is ${change.state.replace("_", " ")}; it waits for no decision.`);

/** What the environment asks for a model of this tier, as for a release. */
async function ruleFor(tx: UnitOfWork, endpoint: EndpointRecord): Promise<ApprovalRule> {
  const { riskTier } = await tx.models.getModel(endpoint.modelName);
  return approvalRule(endpoint.environment.policy, riskTier);
}

async function requireApprover(tx: UnitOfWork, actor: Actor, change: BatchChangeRecord, endpoint: EndpointRecord, rule: ApprovalRule) {
  const { environment } = endpoint;
  if (actor.userId === null || actor.personId === null) throw new AppError("forbidden", "Approving needs a person.");
  const roles = rolesIn(actor, environment.id);
  if (rule.approvals > 0) {
    // Two accounts of one human being are one author.
    if (actor.personId === (await tx.people.personIdOfUser(change.authorId)))
      throw new AppError("self_approval", "Whoever proposed the change does not approve it.", { hint: "Ask a colleague." });
    const counting = [...new Set([...rule.roles, ...rule.eachOf])];
    if (!counting.some((role) => roles.some((own) => own === role))) throw new AppError("forbidden", `${environment.name} wants the approval of ${counting.join(" or ")}.`);
  }
  if (change.approvals.some(({ personId }) => personId === actor.personId)) throw new AppError("conflict", "You have approved this change already.");
  return { userId: actor.userId, personId: actor.personId, roles: [...roles] };
}

/** A signed yes to the difference as it was seen. With enough of them the next job uses the new version. */
export const approveBatchChange = command({
  name: "approve-batch-change",
  permission: "release:approve",
  input: decideBatchChangeBody.extend(numbered),
  locate: ({ tx, input }) => locateChange(tx, input.number),
  async run({ tx, actor, input, now, located: { change, endpoint, targets } }) {
    if (change.state !== "awaiting_approval") throw notOpen(change);
    if (change.digest !== input.digest)
      throw new AppError("stale_version", "The comparison is not the one that was seen.", { hint: "Reload, look at it, and decide again." });
    if (endpoint.stableVersionId !== change.fromVersionId)
      throw new AppError("conflict", `${endpoint.name} serves another version than was compared with.`, { hint: "Compare again." });
    const rule = await ruleFor(tx, endpoint);
    const who = await requireApprover(tx, actor, change, endpoint, rule);
    const approvals = [...change.approvals, { ...who, name: actor.name, reason: input.reason, digest: input.digest, at: now.toISOString() }];
    const isEnough = seatsThatCanBeFilled(rule, approvals) >= rule.approvals;
    const approved: AuditDraft = { action: "batch.change_approved", targets, reason: input.reason, after: { digest: input.digest, approvals: approvals.length } };
    await tx.batchChanges.saveChange(change, { approvals, ...(isEnough ? { state: "applied", decidedAt: now, reason: input.reason } : {}) });
    if (!isEnough) return { result: { number: change.number, state: "awaiting_approval" }, audit: approved, forceCheckpoint: true };
    const move = { from: change.fromVersionId, to: change.toVersionId, cause: "promotion", reason: `Batch change ${change.number}` } as const;
    const moved = await switchVersion(tx, actor, endpoint, move, targets);
    return { result: { number: change.number, state: "applied" }, audit: [approved, ...moved], notify: ["desired-state"], forceCheckpoint: true };
  },
});

export const rejectBatchChange = command({
  name: "reject-batch-change",
  permission: "release:reject",
  input: decideBatchChangeBody.extend(numbered),
  locate: ({ tx, input }) => locateChange(tx, input.number),
  async run({ tx, input, now, located: { change, targets } }) {
    if (change.state !== "awaiting_approval") throw notOpen(change);
    await tx.batchChanges.saveChange(change, { state: "rejected", decidedAt: now, reason: input.reason });
    return { result: { number: change.number, state: "rejected" }, audit: { action: "batch.change_rejected", targets, reason: input.reason } };
  },
});

export const withdrawBatchChange = command({
  name: "withdraw-batch-change",
  permission: "release:cancel",
  input: reasonBody.extend(numbered),
  locate: ({ tx, input }) => locateChange(tx, input.number),
  async run({ tx, input, now, located: { change, targets } }) {
    if (change.state !== "awaiting_approval" && change.state !== "comparing") throw notOpen(change);
    await tx.batchChanges.saveChange(change, { state: "withdrawn", decidedAt: now, reason: input.reason });
    const job = await tx.batch.getJob({ id: change.jobId });
    if (change.state === "comparing" && (job.state === "running" || job.state === "paused")) {
      await tx.batchWork.releasePartitions(job.id);
      await tx.batch.saveJob(job, { state: "cancelled", activeSince: null, finishedAt: now, problem: input.reason });
    }
    return { result: { number: change.number, state: "withdrawn" }, audit: { action: "batch.change_withdrawn", targets, reason: input.reason } };
  },
});

/** Back to the version before: the next job uses it again. One person, no approval. Outputs are gone back to one by one, by making them current. */
export const revertBatchChange = command({
  name: "revert-batch-change",
  permission: "release:rollback",
  input: reasonBody.extend(numbered),
  locate: ({ tx, input }) => locateChange(tx, input.number),
  async run({ tx, actor, input, now, located: { change, endpoint, targets } }) {
    if (change.state === "reverted") return unchanged({ number: change.number, state: "reverted" });
    if (change.state !== "applied") throw notOpen(change);
    if (endpoint.stableVersionId !== change.toVersionId)
      throw new AppError("conflict", "A later change has moved the endpoint since.", { hint: "Revert the later change first." });
    await tx.batchChanges.saveChange(change, { state: "reverted", decidedAt: now, reason: input.reason });
    const move = { from: change.toVersionId, to: change.fromVersionId, cause: "rollback", reason: input.reason } as const;
    const moved = await switchVersion(tx, actor, endpoint, move, targets);
    return {
      result: { number: change.number, state: "reverted" },
      audit: [{ action: "batch.change_reverted", targets, reason: input.reason }, ...moved],
      notify: ["desired-state"],
      forceCheckpoint: true,
    };
  },
});
