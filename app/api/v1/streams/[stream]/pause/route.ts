import { pauseStream } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(pauseStream, async ({ app, actor, params, body }) => ({
  body: await app.streams.pauseStream(actor, { name: params.stream, ...body }),
}));
