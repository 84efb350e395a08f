import { z } from "zod";
import { allows } from "#lib/domain/access/permissions.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";

/** Ends a token with the next request that carries it: one's own, or anybody's for those who manage tokens. */
export const revokeToken = command({
  name: "revoke-token",
  permission: "token:revoke",
  input: z.strictObject({ tokenId: z.uuid() }),
  async locate({ tx, actor, input }) {
    const token = await tx.tokens.findToken(input.tokenId);
    const isMine = token !== null && actor.userId !== null && token.person?.id === actor.userId;
    // Somebody else's token is none of theirs, not even to know of.
    if (token === null || (!isMine && !allows(actor, "token:manage", null))) throw notFound();
    return { environmentId: null, targets: [{ type: "token", id: token.id, name: token.name, digest: null }], token };
  },
  async run({ tx, now, located: { token, targets } }) {
    if (!(await tx.tokens.revokeToken(token.id, now))) {
      throw new AppError("conflict", "This token is revoked already.");
    }
    return {
      result: { id: token.id },
      audit: { action: "token.revoked", targets, before: { prefix: token.prefix, role: token.role } },
    };
  },
});
