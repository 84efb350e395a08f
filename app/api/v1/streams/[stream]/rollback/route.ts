import { rollBackStream } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(rollBackStream, async ({ app, actor, params, body }) => ({
  body: await app.streams.rollBackStream(actor, { name: params.stream, ...body }),
}));
