import { getDeviceArtifact } from "#lib/contracts/api/edge-operations.ts";
import { DEVICE_PROOF_HEADER } from "#lib/contracts/edge.ts";
import { artifactResponse } from "#lib/api/artifact-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getDeviceArtifact, async ({ app, params, request }) => {
  await app.deviceDesk.requireArtifact(request.headers.get(DEVICE_PROOF_HEADER), params.digest);
  return artifactResponse(await app.artifacts(), params.digest, request.headers.get("range"));
});
