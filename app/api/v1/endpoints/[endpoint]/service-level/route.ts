import { readServiceLevel, saveServiceLevel } from "#lib/contracts/api/service-level-operations.ts";
import { etagOf } from "#lib/api/conditional.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readServiceLevel, async ({ app, actor, params }) => {
  const view = await app.serving.readServiceLevel(actor, params);
  return { body: view, headers: { etag: etagOf(view.rowVersion) } };
});

export const PUT = route(saveServiceLevel, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.serving.saveServiceLevel(actor, { ...params, ...body, expectedRowVersion: ifMatch }),
}));
