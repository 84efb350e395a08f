import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { createRuntimeTokenBody, createTokenBody, createdTokenView, tokensView } from "#lib/contracts/people-api.ts";

const none = z.strictObject({});

export const listTokens = operation({
  name: "listTokens",
  method: "GET",
  path: "/api/v1/tokens",
  summary: "API tokens: one's own, or everybody's for those who manage them",
  permission: "token:read",
  params: none,
  query: none,
  body: null,
  response: tokensView,
  status: 200,
});

export const createToken = operation({
  name: "createToken",
  method: "POST",
  path: "/api/v1/tokens",
  summary: "Make an API token for oneself; it is shown once",
  permission: "token:create",
  params: none,
  query: none,
  body: createTokenBody,
  response: createdTokenView,
  status: 201,
  isSecret: true,
});

export const createRuntimeToken = operation({
  name: "createRuntimeToken",
  method: "POST",
  path: "/api/v1/tokens/runtime",
  summary: "Make a token by which one more runtime joins; it is shown once",
  permission: "runtime:manage",
  params: none,
  query: none,
  body: createRuntimeTokenBody,
  response: createdTokenView,
  status: 201,
  isSecret: true,
});

export const revokeToken = operation({
  name: "revokeToken",
  method: "POST",
  path: "/api/v1/tokens/{tokenId}/revoke",
  summary: "End a token with the next request that carries it",
  permission: "token:revoke",
  params: z.strictObject({ tokenId: z.uuid() }),
  query: none,
  body: none,
  response: z.object({ id: z.string() }),
  status: 200,
});
