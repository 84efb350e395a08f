import { createModel, listModels } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listModels, async ({ app, actor }) => ({
  body: await app.registry.listModels(actor, {}),
}));

export const POST = route(createModel, async ({ app, actor, body }) => {
  const created = await app.registry.createModel(actor, body);
  return { body: created, headers: { location: `/api/v1/models/${created.name}` } };
});
