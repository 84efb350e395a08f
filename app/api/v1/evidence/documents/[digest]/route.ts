import { getEvidenceDocument } from "#lib/contracts/api/governance-operations.ts";
import { documentResponse } from "#lib/api/download-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getEvidenceDocument, async ({ app, actor, params }) => documentResponse(await app.governance.readEvidenceDocument(actor, params)));
