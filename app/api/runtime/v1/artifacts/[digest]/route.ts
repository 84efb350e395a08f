import { getArtifact } from "#lib/contracts/api/runtime-operations.ts";
import { artifactResponse } from "#lib/api/artifact-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getArtifact, async ({ app, params, request }) =>
  artifactResponse(await app.artifacts(), params.digest, request.headers.get("range")),
);
