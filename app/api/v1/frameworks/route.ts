import { listFrameworks } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listFrameworks, async ({ app, actor, query }) => ({ body: await app.governance.listFrameworks(actor, query) }));
