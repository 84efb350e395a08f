import { z } from "zod";
import { createServiceAccountBody, createServiceTokenBody } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { personTarget } from "../auth/actors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import { query } from "../read.ts";
import { issueToken } from "../tokens/create-token.ts";
import { assignRoles } from "./assign-roles.ts";

const DAY_MS = 86_400_000;

/** An account for a program: it has roles and tokens, no password and no sign-in. It can hold no role that approves, so no token of it can. */
export const createServiceAccount = command({
  name: "create-service-account",
  permission: "person:invite",
  input: createServiceAccountBody,
  async run({ tx, actor, input }) {
    const id = newId();
    const account = { id, name: input.name };
    // No address of anybody: the domain is reserved (RFC 2606).
    await tx.people.insertPerson({ ...account, email: `${id}@service.invalid`, personId: id, passwordHash: null, demo: false, kind: "service" });
    const grants = await assignRoles(tx, account, input.roles, { userId: actor.userId, pointer: "/roles/{index}/environment" });
    return {
      result: { id, name: input.name },
      audit: [{ action: "user.created", targets: [personTarget(account)], after: { name: input.name, kind: "service" } }, ...grants],
    };
  },
});

/** A token of a service account, shown once. It works as long as the account has the role. */
export const createServiceToken = command({
  name: "create-service-token",
  permission: "person:invite",
  input: createServiceTokenBody.extend({ personId: z.uuid() }),
  async locate({ tx, input }) {
    const account = await tx.people.getPerson(input.personId);
    if (account.kind !== "service") throw notFound();
    return { environmentId: null, targets: [personTarget(account)], account };
  },
  async run({ tx, actor, input, now, located: { account } }) {
    if (account.disabledAt !== null) throw new AppError("conflict", `${account.name} is disabled.`, { hint: "Enable the account first." });
    if (!account.grants.some(({ role }) => role === input.role)) {
      throw new AppError("invalid_input", `${account.name} does not have the role ${ROLE_LABELS[input.role]}.`, {
        errors: [{ pointer: "/role", message: "The account does not have this role." }],
      });
    }
    const { personId: userId, expiresInDays, ...rest } = input;
    return issueToken(tx, { ...rest, userId, createdById: actor.userId ?? account.id, expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS) });
  },
});

/** Accounts of programs with their tokens. */
export const listServiceAccounts = query({
  name: "list-service-accounts",
  permission: "person:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db }) {
    const [accounts, tokens] = [await db.people.listServiceAccounts(), await db.tokens.listServiceTokens()];
    return accounts.map((account) => ({ ...account, tokens: tokens.filter(({ person }) => person?.id === account.id) }));
  },
});
