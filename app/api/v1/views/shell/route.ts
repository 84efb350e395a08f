import { viewShell } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewShell, async ({ app, actor }) => ({
  body: await app.views.readShellView(actor, {}),
}));
