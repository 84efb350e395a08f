import { createRelease, listReleases } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listReleases, async ({ app, actor, query }) => ({
  body: await app.views.readReleaseList(actor, query),
}));

export const POST = route(createRelease, async ({ app, actor, body }) => {
  const created = await app.releases.createRelease(actor, body);
  return { body: created, headers: { location: `/api/v1/releases/${created.id}` } };
});
