import { readRuntimeConfiguration, saveRuntimeConfiguration } from "#lib/contracts/api/serving-operations.ts";
import { etagOf } from "#lib/api/conditional.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(readRuntimeConfiguration, async ({ app, actor, params }) => {
  const body = await app.serving.readRuntimeConfiguration(actor, params);
  return { body, headers: { etag: etagOf(body.number) } };
});

export const PUT = route(saveRuntimeConfiguration, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.serving.saveRuntimeConfiguration(actor, { ...params, ...body, expectedNumber: ifMatch }),
}));
