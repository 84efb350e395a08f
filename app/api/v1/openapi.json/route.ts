import { openApiDocument } from "#lib/api/openapi.ts";
import { route } from "#lib/api/route.ts";
import { getOpenApi } from "#lib/contracts/api/system-operations.ts";

export const GET = route(getOpenApi, () => Promise.resolve({ body: openApiDocument("0.1.0") }));
