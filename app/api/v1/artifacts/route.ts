import { uploadArtifact } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";
import { uploadOf } from "#lib/api/upload.ts";

export const POST = route(uploadArtifact, async ({ app, actor, request }) => ({
  body: await app.receiveArtifact(actor, uploadOf(request)),
}));
