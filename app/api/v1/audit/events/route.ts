import { listAuditEvents } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listAuditEvents, async ({ app, actor, query }) => ({ body: await app.audit.list(actor, query) }));
