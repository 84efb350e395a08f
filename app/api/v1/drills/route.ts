import { listDrills } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listDrills, async ({ app, actor }) => ({ body: await app.releases.listDrills(actor, {}) }));
