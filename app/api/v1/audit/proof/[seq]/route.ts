import { proveAuditEvent } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(proveAuditEvent, async ({ app, actor, params }) => ({ body: await app.audit.prove(actor, params.seq) }));
