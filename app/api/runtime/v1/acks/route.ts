import { postAcks } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postAcks, async ({ app, actor, body }) => {
  await app.runtimes.acceptAcks(actor, body);
  return { body: null };
});
