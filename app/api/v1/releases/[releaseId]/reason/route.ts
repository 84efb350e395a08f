import { completeRollbackReason } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(
  completeRollbackReason,
  async ({ app, actor, params, body, ifMatch }) => ({
    body: await app.releases.completeRollbackReason(actor, {
      releaseId: params.releaseId,
      expectedRowVersion: ifMatch,
      body,
    }),
  }),
);
