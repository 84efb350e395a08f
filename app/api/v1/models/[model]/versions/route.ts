import { registerVersion } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";
import { isMultipart, readJsonBody, uploadOf } from "#lib/api/upload.ts";

export const POST = route(registerVersion, async ({ app, actor, params, request }) => {
  const created = isMultipart(request)
    ? await app.registerUploaded(actor, params.model, uploadOf(request))
    : await app.registerByDigest(
        actor,
        params.model,
        await readJsonBody(request, registerVersion.maxBodyBytes),
      );
  return {
    body: created,
    headers: { location: `/api/v1/models/${created.model}/versions/${created.version}` },
  };
});
