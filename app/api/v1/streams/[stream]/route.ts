import { readStream } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readStream, async ({ app, actor, params }) => ({ body: await app.streams.readStream(actor, { name: params.stream }) }));
