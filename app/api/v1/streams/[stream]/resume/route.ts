import { resumeStream } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(resumeStream, async ({ app, actor, params, body }) => ({
  body: await app.streams.resumeStream(actor, { name: params.stream, ...body }),
}));
