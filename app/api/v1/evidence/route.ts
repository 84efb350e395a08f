import { addEvidence, listEvidence } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listEvidence, async ({ app, actor, query }) => ({ body: await app.governance.listEvidence(actor, query) }));

export const POST = route(addEvidence, async ({ app, actor, body }) => ({ body: await app.governance.addEvidence(actor, body) }));
