import { viewNewVersion } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewNewVersion, async ({ app, actor, query }) => ({
  body: { ...(await app.views.readNewVersion(actor, query)), maxUploadBytes: app.settings.maxUploadBytes },
}));
