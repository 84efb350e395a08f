import { dryRunRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(dryRunRelease, async ({ app, actor, body }) => ({
  body: await app.releases.dryRunRelease(actor, body),
}));
