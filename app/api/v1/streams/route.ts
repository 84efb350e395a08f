import { createStream, listStreams } from "#lib/contracts/api/stream-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listStreams, async ({ app, actor }) => {
  const { streams } = await app.streams.readStreamList(actor, {});
  return { body: { data: streams } };
});

export const POST = route(createStream, async ({ app, actor, body }) => ({ body: await app.streams.createStream(actor, body) }));
