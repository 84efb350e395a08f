import { postWindows } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postWindows, async ({ app, actor, body }) => ({
  body: await app.runtimes.acceptWindows(actor, body),
}));
