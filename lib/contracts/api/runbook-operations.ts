import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import * as runbook from "#lib/contracts/runbook-api.ts";

const none = z.strictObject({});
const byName = z.strictObject({ runbook: slug });
const standing = z.object({ name: z.string(), version: z.number().int() });

export const listRunbooks = operation({
  name: "listRunbooks",
  method: "GET",
  path: "/api/v1/runbooks",
  summary: "Runbooks with who is called, where they apply and what they lack",
  permission: "runbook:read",
  params: none,
  query: none,
  body: null,
  response: runbook.runbookListView,
  status: 200,
});

export const createRunbook = operation({
  name: "createRunbook",
  method: "POST",
  path: "/api/v1/runbooks",
  summary: "Write a new runbook",
  permission: "runbook:edit",
  params: none,
  query: none,
  body: runbook.createRunbookBody,
  response: standing,
  status: 201,
});

export const getRunbook = operation({
  name: "getRunbook",
  method: "GET",
  path: "/api/v1/runbooks/{runbook}",
  summary: "One runbook, its newest text or an older version",
  permission: "runbook:read",
  params: byName,
  query: z.strictObject({ version: z.coerce.number().int().positive().nullable().default(null) }),
  body: null,
  response: runbook.runbookView,
  status: 200,
});

export const writeRunbook = operation({
  name: "writeRunbook",
  method: "POST",
  path: "/api/v1/runbooks/{runbook}/versions",
  summary: "Write its next version; acknowledgements of the older one no longer count",
  permission: "runbook:edit",
  params: byName,
  query: none,
  body: runbook.writeRunbookBody,
  response: standing,
  status: 201,
});

export const assignRunbook = operation({
  name: "assignRunbook",
  method: "POST",
  path: "/api/v1/runbooks/{runbook}/people",
  summary: "Say who is called first or second",
  permission: "runbook:edit",
  params: byName,
  query: none,
  body: runbook.assignRunbookBody,
  response: standing,
  status: 200,
});

export const linkRunbook = operation({
  name: "linkRunbook",
  method: "POST",
  path: "/api/v1/runbooks/{runbook}/links",
  summary: "Say for which endpoint or model it is",
  permission: "runbook:edit",
  params: byName,
  query: none,
  body: runbook.linkRunbookBody,
  response: standing,
  status: 200,
});

export const acknowledgeRunbook = operation({
  name: "acknowledgeRunbook",
  method: "POST",
  path: "/api/v1/runbooks/{runbook}/acknowledge",
  summary: "Say that you have read this version and can do what it says",
  permission: "runbook:acknowledge",
  params: byName,
  query: none,
  body: runbook.acknowledgeRunbookBody,
  response: standing,
  status: 200,
});
