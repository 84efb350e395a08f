import { z } from "zod";
import { reasonBody } from "#lib/contracts/batch.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { bindVersionBody, changeTargetBody, createTargetBody } from "#lib/contracts/target-api.ts";
import { targetsView } from "#lib/contracts/views/target-view.ts";

/** Servers of others that run models under our router. */

const none = z.strictObject({});

export const listTargets = operation({
  name: "listTargets",
  method: "GET",
  path: "/api/v1/targets",
  summary: "Targets with what was put on them and what they say they serve",
  permission: "endpoint:read",
  params: none,
  query: none,
  body: null,
  response: targetsView,
  status: 200,
});

export const createTarget = operation({
  name: "createTarget",
  method: "POST",
  path: "/api/v1/targets",
  summary: "Name a server that runs models; its credentials are kept encrypted",
  permission: "runtime:manage",
  params: none,
  query: none,
  body: createTargetBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 201,
});

export const changeTarget = operation({
  name: "changeTarget",
  method: "PUT",
  path: "/api/v1/targets/{target}/connection",
  summary: "Change a server's address, time limit or credentials; runtimes change over when it answers golden inputs there",
  permission: "runtime:manage",
  params: z.strictObject({ target: slug }),
  query: none,
  body: changeTargetBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 200,
});

export const bindVersion = operation({
  name: "bindVersion",
  method: "POST",
  path: "/api/v1/targets/{target}/bindings",
  summary: "Say that a server runs a version; runtimes then ask it instead of loading the file",
  permission: "endpoint:edit",
  params: z.strictObject({ target: slug }),
  query: none,
  body: bindVersionBody,
  response: z.object({ id: z.string() }),
  status: 201,
});

export const restoreBinding = operation({
  name: "restoreBinding",
  method: "POST",
  path: "/api/v1/target-bindings/{bindingId}/restore",
  summary: "Tell a server to serve again what was approved",
  permission: "release:rollback",
  params: z.strictObject({ bindingId: z.uuid() }),
  query: none,
  body: reasonBody,
  response: z.object({ drift: z.string(), problem: z.string().nullable() }),
  status: 200,
});
