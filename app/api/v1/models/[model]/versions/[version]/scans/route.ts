import { getVersionScans, scanVersion } from "#lib/contracts/api/artifact-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getVersionScans, async ({ app, actor, params }) => ({ body: await app.artifactDesk.report(actor, params) }));

export const POST = route(scanVersion, async ({ app, actor, params }) => ({ body: await app.artifactDesk.scan(actor, params) }));
