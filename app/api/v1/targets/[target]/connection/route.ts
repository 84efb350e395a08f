import { changeTarget } from "#lib/contracts/api/target-operations.ts";
import { route } from "#lib/api/route.ts";

export const PUT = route(changeTarget, async ({ app, actor, params, body }) => ({
  body: await app.targets.changeTarget(actor, { ...params, ...body, secret: app.settings.secret }),
}));
