import { proveConsistency } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(proveConsistency, async ({ app, actor, query }) => ({ body: await app.audit.consistency(actor, query.from) }));
