import { getVersionGraph } from "#lib/contracts/api/artifact-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getVersionGraph, async ({ app, actor, params }) => ({ body: await app.artifactDesk.graph(actor, params) }));
