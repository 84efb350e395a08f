import { z } from "zod";
import { addChallengeBody, CHALLENGE_KINDS, type BreakGlassView, type ChallengeView } from "#lib/contracts/signing-api.ts";
import { rolesIn } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { isIndependent } from "#lib/domain/release/approvals.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import { query } from "../read.ts";
import { releaseTargets } from "../releases/apply-move.ts";

const bad = (pointer: string, message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer, message }] });

/**
 * Independent validation, as it is argued. A question, or the statement that there is none, comes from somebody independent of version and
 * release; answers and changes belong to a question. Each line keeps the digest it was written about.
 */
export const addChallenge = command({
  name: "add-challenge",
  permission: "release:challenge",
  input: z.strictObject({ releaseId: z.uuid(), body: z.unknown() }),
  async locate({ tx, input }) {
    const record = await tx.releases.getRelease({ id: input.releaseId });
    return { environmentId: record.environmentId, targets: releaseTargets(record), record };
  },
  async run({ tx, actor, input, located: { record, targets } }) {
    const { kind, replyTo, text } = addChallengeBody.parse(input.body);
    const { personId } = actor;
    if (personId === null) throw new AppError("forbidden", "A person asks and answers.");
    const isChallenge = kind === "question" || kind === "no_challenge";
    if (isChallenge && !isIndependent(record.release, personId)) {
      throw new AppError("self_approval", "Whoever made the version or the release does not challenge it.");
    }
    const log = await tx.signatures.challengesOf(record.release.id);
    if (replyTo !== null && !log.some((entry) => entry.id === replyTo && entry.kind === "question")) throw bad("/replyTo", "There is no such question.");
    const id = newId();
    const role = rolesIn(actor, record.environmentId)[0] ?? "viewer";
    await tx.signatures.insertChallenge({ id, releaseId: record.release.id, kind, replyToId: replyTo, text, by: actor.name, personId, role, digest: record.release.digest });
    return {
      result: { id },
      audit: { action: "release.challenged", targets, after: { challengeId: id, kind, replyTo, text, digest: record.release.digest } },
    };
  },
});

export const readChallenges = query({
  name: "read-challenges",
  permission: "release:read",
  of: "one",
  input: z.strictObject({ releaseId: z.uuid() }),
  async run({ db, input, authorise }): Promise<{ data: ChallengeView[]; breakGlass: BreakGlassView[] }> {
    const record = await db.releases.getRelease({ id: input.releaseId });
    authorise({ environmentId: record.environmentId, targets: releaseTargets(record) });
    const log = await db.signatures.challengesOf(record.release.id);
    const broken = await db.signatures.breakGlassOf(record.release.id);
    return {
      data: log.map((entry) => ({
        id: entry.id,
        kind: z.enum(CHALLENGE_KINDS).parse(entry.kind),
        replyTo: entry.replyToId,
        text: entry.text,
        by: entry.by,
        role: entry.role,
        digest: entry.digest,
        at: entry.at.toISOString(),
      })),
      breakGlass: broken.map((one) => ({
        id: one.id,
        reason: one.reason,
        askedBy: one.askedByName,
        askedAt: one.askedAt.toISOString(),
        expiresAt: one.expiresAt.toISOString(),
        second: one.secondName,
        usedAt: one.usedAt?.toISOString() ?? null,
        reviewDueAt: one.reviewDueAt?.toISOString() ?? null,
        reviewedAt: one.reviewedAt?.toISOString() ?? null,
        reviewedBy: one.reviewedBy,
        review: one.review,
      })),
    };
  },
});
