import { listEvidenceKinds } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listEvidenceKinds, async ({ app, actor }) => ({ body: await app.governance.listEvidenceKinds(actor, {}) }));
