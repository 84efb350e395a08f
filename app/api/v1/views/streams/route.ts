import { viewStreams } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewStreams, async ({ app, actor }) => ({ body: await app.streams.readStreamList(actor, {}) }));
