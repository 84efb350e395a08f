import { z } from "zod";
import { breakGlassBody, reviewBreakGlassBody } from "#lib/contracts/signing-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { isIndependent } from "#lib/domain/release/approvals.ts";
import { applyPersonEvent } from "#lib/domain/release/person-event.ts";
import { type Changed, command, unchanged } from "../command.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import { newId } from "../new-id.ts";
import { openIncidentIn } from "../incidents/open-incident.ts";
import type { Actor, UnitOfWork } from "../ports.ts";
import { applyMove, releaseTargets } from "../releases/apply-move.ts";
import { groundsOf } from "../releases/grounds.ts";
import { observe } from "../releases/observe.ts";
import { personRefused } from "../releases/person-refused.ts";
import { requireSigner } from "./require-signer.ts";

const SECOND_WITHIN_MS = 3_600_000;
const REVIEW_DUE_MS = 72 * 3_600_000;

export type BrokenGlass = { readonly id: string; readonly isDone: boolean; readonly reviewDueAt: string | null };

const locate = async ({ tx, input }: { readonly tx: UnitOfWork; readonly input: { readonly releaseId: string } }) => {
  const record = await tx.releases.lockRelease({ id: input.releaseId });
  return { environmentId: record.environmentId, targets: releaseTargets(record), record };
};

/** The second person's act: the quorum and its roles are set aside, the independence of whoever approves is not. */
async function approveNow(tx: UnitOfWork, actor: Actor, record: ReleaseRecord, reason: string, now: Date) {
  const release = { ...record.release, approvalsNeeded: 1, approverRoles: [], rolesNeeded: [] };
  const opened = { ...record, release };
  const observed = await observe(tx, opened, now);
  const step = applyPersonEvent(release, { type: "approve", by: actor.personId ?? "", role: "break_glass", digest: release.digest, meaning: "residual_risk_accepted", reason }, observed.observation, now.getTime());
  if (!step.ok) throw personRefused(step.refusal);
  return applyMove({ tx, record: opened, actorName: actor.name }, step.move, groundsOf(opened, step.move, observed, { personName: actor.name, rollbackMs: null }));
}

/**
 * Approves a release without its quorum. The first call asks and gives the reason; another person's within an hour does it. That person is
 * independent of version and release like every approver. A review is due in 72 hours; rolling back never needs any of this.
 */
export const breakGlass = command({
  name: "break-glass",
  permission: "release:break_glass",
  input: z.strictObject({ releaseId: z.uuid(), body: z.unknown() }),
  locate,
  async run({ tx, actor, input, now, located: { record, targets } }): Promise<Changed<BrokenGlass>> {
    const { reason, grant } = breakGlassBody.parse(input.body);
    if (record.release.state !== "PENDING_APPROVAL") throw new AppError("illegal_transition", `Release ${String(record.number)} does not wait for approval.`);
    const signer = await requireSigner(tx, actor, { action: "break-glass", digest: record.release.digest, grant: grant ?? null, isReauthenticationRequired: false }, now);
    const asked = await tx.signatures.openBreakGlass(record.release.id, now);
    if (asked === null) {
      const id = newId();
      const expiresAt = new Date(now.getTime() + SECOND_WITHIN_MS);
      await tx.signatures.insertBreakGlass({ id, releaseId: record.release.id, reason, askedById: signer.userId, askedByPersonId: signer.personId, askedByName: signer.signedName, expiresAt });
      return {
        result: { id, isDone: false, reviewDueAt: null },
        audit: { action: "release.break_glass_asked", targets, after: { breakGlassId: id, expiresAt: expiresAt.toISOString(), method: signer.method }, reason },
        forceCheckpoint: true,
      };
    }
    if (asked.askedByPersonId === signer.personId) throw new AppError("self_approval", "Another person than the one who asked has to do it.");
    const { audit } = await approveNow(tx, actor, record, reason, now);
    await tx.releases.insertApproval({
      id: newId(), releaseId: record.release.id, userId: signer.userId, personId: signer.personId, role: "break_glass", decision: "approved",
      meaning: "residual_risk_accepted", reason, digest: record.release.digest, signedName: signer.signedName, method: signer.method, onBehalfOf: null, isIndependent: isIndependent(record.release, signer.personId),
    });
    const reviewDueAt = new Date(now.getTime() + REVIEW_DUE_MS);
    await tx.signatures.useBreakGlass(asked.id, { secondPersonId: signer.personId, secondName: signer.signedName, usedAt: now, reviewDueAt });
    return {
      result: { id: asked.id, isDone: true, reviewDueAt: reviewDueAt.toISOString() },
      audit: [
        {
          action: "release.break_glass_used",
          targets,
          before: { approvalsNeeded: record.release.approvalsNeeded, approverRoles: [...record.release.approverRoles], rolesNeeded: [...(record.release.rolesNeeded ?? [])] },
          after: { breakGlassId: asked.id, askedBy: asked.askedByName, second: signer.signedName, reviewDueAt: reviewDueAt.toISOString(), method: signer.method },
          reason,
        },
        ...audit,
      ],
      notify: ["desired-state"],
      forceCheckpoint: true,
    };
  },
});

/** The review that was due: by somebody who took no part in it. */
export const reviewBreakGlass = command({
  name: "review-break-glass",
  permission: "release:approve",
  input: z.strictObject({ releaseId: z.uuid(), breakGlassId: z.uuid(), body: z.unknown() }),
  locate,
  async run({ tx, actor, input, now, located: { record, targets } }) {
    const { review } = reviewBreakGlassBody.parse(input.body);
    const found = await tx.signatures.findBreakGlass(input.breakGlassId);
    if (found === null || found.releaseId !== record.release.id) throw notFound();
    if (actor.personId === null) throw new AppError("forbidden", "A person reviews.");
    if (actor.personId === found.askedByPersonId || actor.personId === found.secondPersonId) throw new AppError("self_approval", "Whoever did it does not review it.");
    if (!(await tx.signatures.reviewBreakGlass(found.id, { reviewedAt: now, reviewedBy: actor.name, review }))) throw new AppError("conflict", "There is nothing to review, or it is reviewed already.");
    return { result: { id: found.id }, audit: { action: "release.break_glass_reviewed", targets, after: { breakGlassId: found.id }, reason: review }, forceCheckpoint: true };
  },
});

/** Break-glass that nobody reviewed in time becomes an incident: one each, whichever replica notices. */
export const openOverdueReviews = command({
  name: "open-overdue-reviews",
  permission: "incident:open",
  input: z.strictObject({}),
  async run({ tx, now }) {
    const [overdue] = await tx.signatures.unreviewedBreakGlass(now);
    if (overdue === undefined) return unchanged({ opened: 0 });
    const record = await tx.releases.getRelease({ id: overdue.releaseId });
    const model = await tx.models.getModel(record.modelName);
    const { incident, audit } = await openIncidentIn(
      tx,
      {
        title: `Break-glass on release ${String(record.number)} was not reviewed`,
        summary: `${overdue.askedByName} and ${overdue.secondName ?? "another person"} approved it without the quorum. The review was due ${overdue.reviewDueAt?.toISOString() ?? ""}. Their reason: ${overdue.reason}`,
        severity: "major",
      },
      {
        environment: { id: record.environmentId, name: record.environmentName },
        endpoint: { id: record.release.endpointId, name: record.endpointName },
        model,
        version: { id: record.release.candidateVersionId, name: record.candidateName, digest: record.candidateDigest },
        release: { id: record.release.id, number: record.number, digest: record.release.digest },
      },
      { source: "review_overdue", alertKey: `break-glass:${overdue.id}`, openedBy: "Signing rules" },
      now,
    );
    if (!(await tx.signatures.nameBreakGlassIncident(overdue.id, incident.id))) throw new AppError("conflict", "Another replica opened it.");
    return { result: { opened: 1 }, audit };
  },
});
