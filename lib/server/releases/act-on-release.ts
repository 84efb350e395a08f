import { z } from "zod";
import {
  approveReleaseBody,
  cancelReleaseBody,
  deprecateReleaseBody,
  holdReleaseBody,
  passGateBody,
  promoteReleaseBody,
  rejectReleaseBody,
  resumeReleaseBody,
  rollbackReleaseBody,
  startReleaseBody,
} from "#lib/contracts/release-api.ts";
import { rolesIn, type Permission } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { ApprovalTerms } from "#lib/domain/release/approval-terms.ts";
import { isIndependent, validApprovals } from "#lib/domain/release/approvals.ts";
import { applyPersonEvent, type PersonEvent } from "#lib/domain/release/person-event.ts";
import { command } from "../command.ts";
import type { ReleaseOutcome, ReleaseRecord } from "../db/release-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor, UnitOfWork } from "../ports.ts";
import { applyMove, releaseTargets } from "./apply-move.ts";
import { presentDigest } from "./bound-digest.ts";
import { groundsOf } from "./grounds.ts";
import { observe } from "./observe.ts";
import { personRefused } from "./person-refused.ts";
import { termsFor } from "./terms-for.ts";
import { requireSigner } from "../signatures/require-signer.ts";

/** Which release, and which state of it the person saw; null where speed goes before precision. */
const which = z.strictObject({ releaseId: z.uuid(), expectedRowVersion: z.number().int().nonnegative().nullable() });

type Signed = { readonly personId: string; readonly userId: string; readonly actor: Actor; readonly record: ReleaseRecord; readonly delegatedRoles: readonly string[]; readonly terms: ApprovalTerms | null };

type Act<S extends z.ZodType> = {
  readonly name: string;
  readonly permission: Permission;
  readonly body: S;
  /** True for acts that go through even when somebody changed the release meanwhile: rolling back never loses a race. */
  readonly isUrgent?: boolean;
  /** True for the act that fixes what the release has to be approved by. */
  readonly fixesTerms?: boolean;
  event(body: z.output<S>, signed: Signed): PersonEvent;
  outcome?(body: z.output<S>): ReleaseOutcome;
  /** Refuses what the machine cannot know of. */
  require?(body: z.output<S>, tx: UnitOfWork, record: ReleaseRecord): void | Promise<void>;
};

/** One act of a person on a release: the same road for all of them, so that none forgets a check. */
function act<S extends z.ZodType>(spec: Act<S>) {
  return command({
    name: spec.name,
    permission: spec.permission,
    input: which.extend({ body: z.unknown() }),
    async locate({ tx, input }) {
      const record = await tx.releases.lockRelease({ id: input.releaseId });
      return { environmentId: record.environmentId, targets: releaseTargets(record), record };
    },
    async run({ tx, actor, input, now, located: { record } }) {
      if (actor.personId === null || actor.userId === null) {
        throw new AppError("forbidden", "This act needs a person.");
      }
      const seen = input.expectedRowVersion;
      if (spec.isUrgent !== true && seen !== null && seen !== record.rowVersion) {
        throw new AppError("stale_version", `Release ${record.number} moved on while you were looking.`, {
          hint: "Look at it again, then decide.",
          details: { rowVersion: record.rowVersion, state: record.release.state },
        });
      }
      const body = spec.body.parse(input.body);
      await spec.require?.(body, tx, record);
      const given = actor.type === "person" ? await tx.signatures.delegations({ toUserId: actor.userId, at: now }) : [];
      const terms = spec.fixesTerms === true ? await termsOf(tx, record, now) : null;
      const event = spec.event(body, { personId: actor.personId, userId: actor.userId, actor, record, delegatedRoles: given.map(({ role }) => role), terms });
      const observed = await observe(tx, record, now);
      const step = applyPersonEvent(record.release, event, observed.observation, now.getTime());
      if (!step.ok) throw personRefused(step.refusal);
      if (event.type === "approve" || event.type === "reject") {
        const grant = z.object({ grant: z.uuid().optional() }).parse(body).grant ?? null;
        await writeSignature({ tx, actor, userId: actor.userId, personId: actor.personId, record, now }, event, grant);
      }
      const applied = await applyMove(
        { tx, record, actorName: actor.name },
        step.move,
        groundsOf(record, step.move, observed, { personName: actor.name, rollbackMs: null }),
        spec.outcome?.(body) ?? {},
      );
      const { state } = step.move.release;
      return {
        result: { id: record.release.id, number: record.number, state, rowVersion: record.rowVersion + 1 },
        notify: ["desired-state"],
        ...applied,
      };
    },
  });
}

type Signing = { readonly tx: UnitOfWork; readonly actor: Actor; readonly userId: string; readonly personId: string; readonly record: ReleaseRecord; readonly now: Date };

/** The signature of an approval or rejection: who, in which role and whose place, how they proved it, bound to the digest. */
async function writeSignature(
  { tx, actor, userId, personId, record, now }: Signing,
  event: Extract<PersonEvent, { type: "approve" | "reject" }>,
  grant: string | null,
): Promise<void> {
  const isApproval = event.type === "approve";
  const thing = { action: "approve-release" as const, digest: record.release.digest, grant, isReauthenticationRequired: false };
  // A rejection takes nothing to production, so it never waits for a password.
  const method = isApproval ? (await requireSigner(tx, actor, thing, now)).method : (actor.authMethod ?? "session");
  await tx.releases.insertApproval({
    id: newId(),
    releaseId: record.release.id,
    userId,
    personId,
    role: isApproval ? event.role : (rolesIn(actor, record.environmentId)[0] ?? "validator"),
    decision: isApproval ? "approved" : "rejected",
    meaning: isApproval ? event.meaning : "rejected",
    reason: event.reason,
    digest: record.release.digest,
    signedName: actor.name,
    method,
    isIndependent: isIndependent(record.release, personId),
    onBehalfOf: isApproval ? await delegatorOf(tx, actor, record, event.role, now) : null,
  });
}

/** Whose place the person takes when they do not hold the role they sign in themselves; null when they do. */
async function delegatorOf(tx: UnitOfWork, actor: Actor, record: ReleaseRecord, role: string, now: Date): Promise<string | null> {
  if (actor.userId === null || rolesIn(actor, record.environmentId).some((held) => held === role)) return null;
  const given = (await tx.signatures.delegations({ toUserId: actor.userId, at: now })).find((one) => one.role === role);
  return given === undefined ? null : (await tx.people.getPerson(given.fromUserId)).name;
}

async function termsOf(tx: UnitOfWork, record: ReleaseRecord, now: Date): Promise<ApprovalTerms> {
  const { riskTier } = await tx.models.getModel(record.modelName);
  return termsFor(tx, await tx.endpoints.getEndpoint({ id: record.release.endpointId }), riskTier, record.release, now);
}

/** The role a person signs in: one that must sign and has not, if they hold it; else the first of the approver roles that they hold there. */
function signingRole(actor: Actor, record: ReleaseRecord, delegatedRoles: readonly string[]): string {
  const held: readonly string[] = rolesIn(actor, record.environmentId);
  const allowed = record.release.approverRoles;
  const mine = [...held, ...delegatedRoles].filter((role) => allowed.includes(role));
  const signed = validApprovals(record.release).map(({ role }) => role);
  const wanted = (record.release.rolesNeeded ?? []).filter((role) => !signed.includes(role));
  return mine.find((role) => wanted.includes(role)) ?? mine[0] ?? held[0] ?? "none";
}

export const approveRelease = act({
  name: "approve-release",
  permission: "release:approve",
  body: approveReleaseBody,
  require: async (_body, tx, record) => {
    if ((await presentDigest(tx, record)) === record.release.digest) return;
    throw new AppError("stale_version", "The evidence or the runtime configuration changed a moment ago. Read it again, then approve.", {
      hint: "Reload the page: it shows what is there now and its digest.",
    });
  },
  event: ({ digest, meaning, reason }, { personId, actor, record, delegatedRoles }) => ({
    type: "approve",
    by: personId,
    role: signingRole(actor, record, delegatedRoles),
    digest,
    meaning,
    reason,
  }),
});

export const rejectRelease = act({
  name: "reject-release",
  permission: "release:reject",
  body: rejectReleaseBody,
  event: ({ reason }, { personId }) => ({ type: "reject", by: personId, reason }),
});

export const submitRelease = act({
  name: "submit-release",
  permission: "release:create",
  body: startReleaseBody,
  fixesTerms: true,
  event: (_body, { personId, terms }) => ({ type: "submit", by: personId, ...(terms === null ? {} : { terms }) }),
});

export const startRelease = act({
  name: "start-release",
  permission: "release:start",
  body: startReleaseBody,
  event: (_body, { personId }) => ({ type: "start", by: personId }),
});

export const cancelRelease = act({
  name: "cancel-release",
  permission: "release:cancel",
  body: cancelReleaseBody,
  event: ({ reason }, { personId }) => ({ type: "cancel", by: personId, reason }),
});

export const holdRelease = act({
  name: "hold-release",
  permission: "release:hold",
  body: holdReleaseBody,
  event: ({ reason }, { personId }) => ({ type: "hold", by: personId, reason }),
});

export const resumeRelease = act({
  name: "resume-release",
  permission: "release:resume",
  body: resumeReleaseBody,
  event: ({ reason }, { personId }) => ({ type: "resume", by: personId, reason: reason ?? null }),
});

export const passGate = act({
  name: "pass-gate",
  permission: "release:promote",
  body: passGateBody,
  event: ({ reason }, { personId }) => ({ type: "pass_gate", by: personId, reason }),
});

export const deprecateRelease = act({
  name: "deprecate-challenger",
  permission: "release:cancel",
  body: deprecateReleaseBody,
  event: ({ reason }, { personId }) => ({ type: "deprecate", by: personId, reason }),
});

export const promoteRelease = act({
  name: "promote-release",
  permission: "release:override",
  body: promoteReleaseBody,
  require: ({ confirmVersion }, _tx, record) => {
    if (confirmVersion === undefined || confirmVersion === record.candidateName) return;
    throw new AppError("invalid_input", `The version is ${record.candidateName}.`, {
      errors: [{ pointer: "/confirmVersion", message: "This is not the version's name." }],
    });
  },
  event: ({ reason }, { personId }) => ({ type: "promote_now", by: personId, reason, isSigned: true }),
});

export const rollbackRelease = act({
  name: "rollback-release",
  permission: "release:rollback",
  body: rollbackReleaseBody,
  isUrgent: true,
  event: ({ reason }, { personId }) => ({
    type: "roll_back",
    by: personId,
    reason: reason ?? null,
  }),
  outcome: ({ cause }) => (cause ? { rollbackChip: cause } : {}),
});
