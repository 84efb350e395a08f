import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { saveRuntimeConfigurationBody } from "#lib/contracts/runtime-configuration.ts";
import { runtimeConfigurationView } from "#lib/contracts/views/runtime-configuration-view.ts";

/** How endpoints are served: limits, batching, model hosts, libraries, scaling. */

const none = z.strictObject({});
const endpointParams = z.strictObject({ endpoint: slug });

export const readRuntimeConfiguration = operation({
  name: "readRuntimeConfiguration",
  method: "GET",
  path: "/api/v1/endpoints/{endpoint}/runtime-configuration",
  summary: "How an endpoint is served: limits, batching, model hosts, libraries, scaling",
  permission: "endpoint:read",
  params: endpointParams,
  query: none,
  body: null,
  response: runtimeConfigurationView,
  status: 200,
});

export const saveRuntimeConfiguration = operation({
  name: "saveRuntimeConfiguration",
  method: "PUT",
  path: "/api/v1/endpoints/{endpoint}/runtime-configuration",
  summary: "Put another runtime configuration in place of the one in force",
  permission: "endpoint:edit",
  params: endpointParams,
  query: none,
  body: saveRuntimeConfigurationBody,
  response: z.object({ number: z.number().int(), digest: z.string() }),
  status: 200,
});
