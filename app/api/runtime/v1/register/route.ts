import { registerRuntime } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(registerRuntime, async ({ app, actor, body }) => ({
  body: await app.runtimes.registerRuntime(actor, body),
}));
