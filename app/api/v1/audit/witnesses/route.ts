import { listAuditWitnesses } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listAuditWitnesses, async ({ app, actor }) => ({ body: await app.audit.witnesses(actor) }));
