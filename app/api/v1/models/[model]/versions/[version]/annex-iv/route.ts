import { getTechnicalDocumentation } from "#lib/contracts/api/governance-operations.ts";
import { textFile } from "#lib/api/download-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getTechnicalDocumentation, async ({ app, actor, params }) => textFile(await app.governance.readTechnicalDocumentation(actor, params), "text/markdown; charset=utf-8"));
