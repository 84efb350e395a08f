import { createEndpoint, listEndpoints } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listEndpoints, async ({ app, actor }) => ({
  body: await app.registry.listEndpoints(actor, {}),
}));

export const POST = route(createEndpoint, async ({ app, actor, body }) => {
  const created = await app.registry.createEndpoint(actor, body);
  return { body: created, headers: { location: `/api/v1/endpoints/${created.name}` } };
});
