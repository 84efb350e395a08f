import { listDrills } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listDrills, async ({ app, actor, query }) => ({ body: await app.releases.listDrills(actor, query) }));
