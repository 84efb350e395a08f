import { z } from "zod";
import { PERSON_ROLES, SCOPES } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { personTarget } from "../auth/actors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import type { AuditDraft, UnitOfWork } from "../ports.ts";
import { issueToken } from "./create-token.ts";

const DAY_MS = 86_400_000;
/** One human being, whatever roles their tokens have: who made a release by one cannot approve it by another. */
const OPERATOR = { email: "operator@localhost", name: "Local operator" };

export const localTokenInput = z.strictObject({
  name: z.string().trim().min(1).max(80),
  role: z.enum([...PERSON_ROLES, "runtime"]),
  /** Left out: all that its role can use. */
  scopes: z.array(z.enum(SCOPES)).min(1).optional(),
  expiresInDays: z.number().int().min(1).max(365),
  /** Acts for this person instead of the local operator. */
  email: z.string().max(254).optional(),
});

/**
 * A token made on the host by whoever can read the data directory: for scripts, and as the way back in when nobody can sign in.
 * Its role stands by itself, whatever roles its person has.
 */
export const createLocalToken = command({
  name: "create-local-token",
  permission: "token:manage",
  input: localTokenInput,
  async run({ tx, actor, input, now }) {
    // Through the API this would be a way to any role.
    if (actor.type !== "system") throw new AppError("forbidden", "This works on the host only.");
    const isRuntime = input.role === "runtime";
    const { person, drafts } = isRuntime ? { person: null, drafts: [] } : await personFor(tx, input.email);
    const { result, audit } = await issueToken(tx, {
      name: input.name,
      role: input.role,
      scopes: input.scopes ?? (isRuntime ? ["runtime"] : SCOPES.filter((scope) => scope !== "runtime")),
      userId: person?.id ?? null,
      createdById: null,
      expiresAt: new Date(now.getTime() + input.expiresInDays * DAY_MS),
    });
    return { result, audit: [audit, ...drafts] };
  },
});

async function personFor(
  tx: UnitOfWork,
  email: string | undefined,
): Promise<{ readonly person: { readonly id: string }; readonly drafts: readonly AuditDraft[] }> {
  const person = await tx.people.findPersonByEmail(email ?? OPERATOR.email);
  if (person !== null) return { person, drafts: [] };
  if (email !== undefined) throw new AppError("invalid_input", `Nobody here has the address ${email}.`);
  const id = newId();
  const isMade = await tx.people.insertPersonUnlessThere({ ...OPERATOR, id, personId: id, passwordHash: null, demo: false });
  // Two tokens made at the same moment on a fresh installation: the other one was first.
  if (!isMade) return personFor(tx, undefined);
  const target = personTarget({ id, name: OPERATOR.name });
  return { person: { id }, drafts: [{ action: "user.created", targets: [target], after: { name: OPERATOR.name } }] };
}
