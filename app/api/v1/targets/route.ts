import { createTarget, listTargets } from "#lib/contracts/api/target-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listTargets, async ({ app, actor }) => ({ body: await app.targets.readTargets(actor, {}) }));

export const POST = route(createTarget, async ({ app, actor, body }) => ({
  body: await app.targets.createTarget(actor, { ...body, secret: app.settings.secret }),
}));
