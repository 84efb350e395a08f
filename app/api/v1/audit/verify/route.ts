import { verifyAudit } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(verifyAudit, async ({ app, actor }) => ({ body: await app.audit.verify(actor) }));
