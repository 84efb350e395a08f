import { readDecisions } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readDecisions, async ({ app, actor, params }) => ({
  body: await app.releases.readDecisions(actor, params.releaseId),
}));
