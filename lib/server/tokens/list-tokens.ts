import { z } from "zod";
import { allows } from "#lib/domain/access/permissions.ts";
import { query } from "../read.ts";

/** One's own tokens; whoever manages tokens or reads all records sees everybody's. Never the tokens themselves. */
export const listTokens = query({
  name: "list-tokens",
  permission: "token:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor }) {
    const seesAll = allows(actor, "token:manage", null) || allows(actor, "person:read", null);
    if (!seesAll && actor.userId === null) return [];
    const tokens = await db.tokens.listTokens(seesAll ? null : actor.userId);
    return tokens.map((token) => ({ ...token, isMine: actor.userId !== null && token.person?.id === actor.userId }));
  },
});
