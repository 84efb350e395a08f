import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { serviceLevelBody } from "#lib/contracts/service-level.ts";
import { serviceLevelView } from "#lib/contracts/views/service-level-view.ts";

/** Service levels, replicas and cost of an endpoint. */

const none = z.strictObject({});
const endpointParams = z.strictObject({ endpoint: slug });

export const readServiceLevel = operation({
  name: "readServiceLevel",
  method: "GET",
  path: "/api/v1/endpoints/{endpoint}/service-level",
  summary: "Objectives of an endpoint, what is left of their error budgets, burn rates, replicas and cost",
  permission: "endpoint:read",
  params: endpointParams,
  query: none,
  body: null,
  response: serviceLevelView,
  status: 200,
});

export const saveServiceLevel = operation({
  name: "saveServiceLevel",
  method: "PUT",
  path: "/api/v1/endpoints/{endpoint}/service-level",
  summary: "Put objectives, scaling thresholds and prices in place of the old ones",
  permission: "alert:edit_rules",
  params: endpointParams,
  query: none,
  body: serviceLevelBody,
  response: z.object({ rowVersion: z.number().int() }),
  status: 200,
});
