import { compareVersions } from "#lib/contracts/api/artifact-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(compareVersions, async ({ app, actor, params, query }) => ({
  body: await app.artifactDesk.compare(actor, { model: params.model, from: query.from, to: query.to }),
}));
