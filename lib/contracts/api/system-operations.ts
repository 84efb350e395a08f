import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";

const none = z.strictObject({});

export const getStream = operation({
  name: "getStream",
  method: "GET",
  path: "/api/v1/stream",
  summary: "What changes, as server-sent events: `change` names what to read again, `tick` comes every second",
  permission: "signed_in",
  params: none,
  query: none,
  body: null,
  response: null,
  responseType: "text/event-stream",
  status: 200,
});

export const listProblems = operation({
  name: "listProblems",
  method: "GET",
  path: "/api/v1/problems",
  summary: "Every code of a problem document: its status and title",
  permission: "anyone",
  params: none,
  query: none,
  body: null,
  response: z.object({
    problems: z.array(z.object({ code: z.string(), status: z.number().int(), title: z.string() })),
  }),
  status: 200,
});

export const getOpenApi = operation({
  name: "getOpenApi",
  method: "GET",
  path: "/api/v1/openapi.json",
  summary: "This document",
  permission: "anyone",
  params: none,
  query: none,
  body: null,
  response: z.looseObject({ openapi: z.string() }),
  status: 200,
});
