import { z } from "zod";
import { changeSigningRulesBody, delegateBody } from "#lib/contracts/signing-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import type { SigningRulesRecord } from "../db/signature-repository.ts";
import { newId } from "../new-id.ts";
import { query } from "../read.ts";

const view = ({ part11, smallTeam, changedBy, changedAt }: SigningRulesRecord) => ({ part11, smallTeam, changedBy, changedAt: changedAt.toISOString() });

export const readSigningRules = query({
  name: "read-signing-rules",
  permission: "signing:read",
  of: "many",
  input: z.strictObject({}),
  run: async ({ db }) => view(await db.signatures.signingRules()),
});

/** Turning Part 11 mode off is an administrator's act with a reason that stays; weaker signatures made before stay as they are. */
export const changeSigningRules = command({
  name: "change-signing-rules",
  permission: "signing:manage",
  input: changeSigningRulesBody,
  async run({ tx, actor, input, now }) {
    const before = await tx.signatures.signingRules();
    const { part11, smallTeam, reason } = input;
    if (before.part11 === part11 && before.smallTeam === smallTeam) return unchanged(view(before));
    await tx.signatures.saveSigningRules({ part11, smallTeam, changedBy: actor.name, changedAt: now });
    return {
      result: view({ part11, smallTeam, changedBy: actor.name, changedAt: now }),
      audit: {
        action: "signing.rules_changed",
        targets: [],
        before: { part11: before.part11, smallTeam: before.smallTeam },
        after: { part11, smallTeam },
        reason,
      },
      forceCheckpoint: true,
    };
  },
});

const MAX_DAYS = 30;

export const delegate = command({
  name: "delegate",
  permission: "signing:delegate",
  input: delegateBody,
  async run({ tx, actor, input, now }) {
    const bad = (pointer: string, message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer, message }] });
    if (actor.userId === null || actor.type !== "person") throw new AppError("forbidden", "Only a person, signed in, delegates.");
    if (!actor.roles.some(({ role }) => role === input.role)) throw bad("/role", "You do not hold this role yourself.");
    const toUserId = await tx.people.userIdByEmail(input.to);
    if (toUserId === null) throw bad("/to", `Nobody here has the address ${input.to}.`);
    const to = await tx.people.getPerson(toUserId);
    if (to.personId === actor.personId) throw bad("/to", "That is yourself.");
    const startsAt = input.startsAt === undefined ? now : new Date(input.startsAt);
    const endsAt = new Date(input.endsAt);
    if (endsAt <= startsAt || endsAt <= now) throw bad("/endsAt", "It ends before it begins.");
    if (endsAt.getTime() - startsAt.getTime() > MAX_DAYS * 86_400_000) throw bad("/endsAt", `At most ${String(MAX_DAYS)} days.`);
    const id = newId();
    const { role, reason } = input;
    await tx.signatures.insertDelegation({ id, fromUserId: actor.userId, toUserId, role, reason, startsAt, endsAt });
    return {
      result: { id },
      audit: {
        action: "delegation.given",
        targets: [{ type: "delegation", id, name: null, digest: null }, { type: "user", id: toUserId, name: to.name, digest: null }],
        after: { to: to.name, role, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() },
        reason,
      },
    };
  },
});

export const revokeDelegation = command({
  name: "revoke-delegation",
  permission: "signing:delegate",
  input: z.strictObject({ delegationId: z.uuid() }),
  async run({ tx, actor, input, now }) {
    const found = await tx.signatures.findDelegation(input.delegationId);
    if (found === null) throw notFound();
    if (found.fromUserId !== actor.userId && found.toUserId !== actor.userId) throw new AppError("forbidden", "Only the two people of a delegation end it.");
    if (!(await tx.signatures.revokeDelegation(found.id, now))) return unchanged({ id: found.id });
    return { result: { id: found.id }, audit: { action: "delegation.ended", targets: [{ type: "delegation", id: found.id, name: null, digest: null }] } };
  },
});

export const listDelegations = query({
  name: "list-delegations",
  permission: "signing:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db }) {
    const data = [];
    for (const { id, fromUserId, toUserId, role, reason, startsAt, endsAt, revokedAt } of await db.signatures.delegations()) {
      const from = await db.people.findPerson(fromUserId);
      const to = await db.people.findPerson(toUserId);
      data.push({
        id,
        from: from?.name ?? "Unknown person",
        to: to?.name ?? "Unknown person",
        role,
        reason,
        startsAt: startsAt.toISOString(),
        endsAt: endsAt.toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
      });
    }
    return { data };
  },
});
