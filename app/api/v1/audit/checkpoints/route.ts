import { listCheckpoints } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listCheckpoints, async ({ app, actor }) => ({ body: await app.audit.checkpoints(actor) }));
