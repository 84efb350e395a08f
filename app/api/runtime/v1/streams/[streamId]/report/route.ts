import { postStreamReport } from "#lib/contracts/api/stream-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postStreamReport, async ({ app, actor, params, body }) => ({
  body: await app.streams.receiveStreamReport(actor, params.streamId, body),
}));
