import { readAuditAsOf } from "#lib/contracts/api/audit-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readAuditAsOf, async ({ app, actor, query }) => ({
  body: await app.review.readAsOf(actor, query),
}));
