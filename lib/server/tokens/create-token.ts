import { createRuntimeTokenBody, createTokenBody } from "#lib/contracts/people-api.ts";
import { SHOWN_CHARS } from "#lib/domain/access/api-token.ts";
import { ROLE_LABELS, type Role, type Scope } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { newApiTokenSecret, secretHash } from "../auth/secrets.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import type { AuditDraft, UnitOfWork } from "../ports.ts";

const DAY_MS = 86_400_000;

export type CreatedToken = {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly expiresAt: Date | null;
};

/** A token for oneself, with one of one's own roles. The token itself is in the answer only. */
export const createToken = command({
  name: "create-token",
  permission: "token:create",
  input: createTokenBody,
  async run({ tx, actor, input, now }) {
    if (actor.userId === null || actor.type !== "person") {
      throw new AppError("forbidden", "Only a signed-in person makes tokens.", {
        hint: "A token cannot make another one; sign in, or use the command on the host.",
      });
    }
    if (!actor.roles.some(({ role }) => role === input.role)) {
      throw new AppError("forbidden", `You do not have the role ${ROLE_LABELS[input.role]}, so no token of yours can.`);
    }
    return issueToken(tx, {
      ...input,
      userId: actor.userId,
      createdById: actor.userId,
      expiresAt: new Date(now.getTime() + input.expiresInDays * DAY_MS),
    });
  },
});

/** A token by which one more runtime joins. */
export const createRuntimeToken = command({
  name: "create-runtime-token",
  permission: "runtime:manage",
  input: createRuntimeTokenBody,
  run: ({ tx, actor, input, now }) =>
    issueToken(tx, {
      name: input.name,
      role: "runtime",
      scopes: ["runtime"],
      userId: null,
      createdById: actor.userId,
      expiresAt: new Date(now.getTime() + input.expiresInDays * DAY_MS),
    }),
});

/** Stores the hash of a new token. Answers the token and the entry for the trail, which names it by its first characters. */
export async function issueToken(
  tx: UnitOfWork,
  token: {
    readonly name: string;
    readonly role: Role;
    readonly scopes: readonly Scope[];
    readonly userId: string | null;
    readonly createdById: string | null;
    readonly allowedIps?: readonly string[];
    readonly expiresAt: Date | null;
  },
): Promise<{ readonly result: CreatedToken; readonly audit: AuditDraft }> {
  const secret = newApiTokenSecret();
  const id = newId();
  const { name, role, scopes, userId, createdById, expiresAt, allowedIps = [] } = token;
  const prefix = secret.slice(0, SHOWN_CHARS);
  await tx.tokens.insertToken({
    id, name, role, scopes, userId, createdById, expiresAt, allowedIps, prefix, tokenHash: secretHash(secret),
  });
  return {
    result: { id, name, token: secret, expiresAt },
    audit: {
      action: "token.created",
      targets: [{ type: "token", id, name, digest: null }],
      after: { prefix, role, scopes: [...scopes], expiresAt: expiresAt?.toISOString() ?? null, userId, ...(allowedIps.length === 0 ? {} : { allowedIps: [...allowedIps] }) },
    },
  };
}
