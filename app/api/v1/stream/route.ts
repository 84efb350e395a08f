import { authenticate } from "#lib/api/authenticate.ts";
import { openEventStream } from "#lib/api/event-stream.ts";
import { route } from "#lib/api/route.ts";
import { getStream } from "#lib/contracts/api/system-operations.ts";

export const GET = route(getStream, ({ app, actor, request, context }) => {
  const rights = JSON.stringify([actor.id, actor.roles, actor.scopes]);
  const stream = openEventStream(app, actor, {
    lastEventId: request.headers.get("last-event-id"),
    signal: request.signal,
    recheck: async () => {
      const now = await authenticate(app, request.headers, context, false);
      if (JSON.stringify([now?.id, now?.roles, now?.scopes]) !== rights)
        throw new Error("their rights changed");
    },
  });
  return Promise.resolve(
    new Response(stream, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
      },
    }),
  );
});
