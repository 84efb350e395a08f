import { addChallenge, listChallenges } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listChallenges, async ({ app, actor, params }) => ({ body: await app.signing.readChallenges(actor, params) }));

export const POST = route(addChallenge, async ({ app, actor, params, body }) => ({ body: await app.signing.addChallenge(actor, { ...params, body }) }));
