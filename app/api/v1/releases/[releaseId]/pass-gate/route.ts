import { passGate } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(passGate, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.passGate(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
