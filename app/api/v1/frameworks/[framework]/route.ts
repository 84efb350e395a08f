import { getFramework } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getFramework, async ({ app, actor, params, query }) => ({
  body: await app.governance.getFramework(actor, { ...query, framework: params.framework }),
}));
