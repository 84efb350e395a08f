import { getRetention } from "#lib/contracts/api/retention-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getRetention, async ({ app, actor }) => ({ body: await app.retention.readRetention(actor, {}) }));
