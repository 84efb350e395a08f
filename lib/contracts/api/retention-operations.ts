import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import * as retention from "#lib/contracts/retention-api.ts";

const none = z.strictObject({});
const made = z.object({ id: z.string() });

export const getRetention = operation({
  name: "getRetention",
  method: "GET",
  path: "/api/v1/retention",
  summary: "How long each class of records is kept, the floors of law that bind it, and legal holds",
  permission: "retention:read",
  params: none,
  query: none,
  body: null,
  response: retention.retentionView,
  status: 200,
});

export const setRetention = operation({
  name: "setRetention",
  method: "POST",
  path: "/api/v1/retention/rules",
  summary: "Keep a class of records this long, never less than a floor of law",
  permission: "retention:manage",
  params: none,
  query: none,
  body: retention.setRetentionBody,
  response: made,
  status: 201,
});

export const placeHold = operation({
  name: "placeHold",
  method: "POST",
  path: "/api/v1/retention/holds",
  summary: "Put records on legal hold: nothing of them is deleted until it is lifted",
  permission: "retention:manage",
  params: none,
  query: none,
  body: retention.placeHoldBody,
  response: made,
  status: 201,
});

export const liftHold = operation({
  name: "liftHold",
  method: "POST",
  path: "/api/v1/retention/holds/{holdId}/lift",
  summary: "Lift a legal hold, with a reason",
  permission: "retention:manage",
  params: z.strictObject({ holdId: z.uuid() }),
  query: none,
  body: retention.liftHoldBody,
  response: made,
  status: 200,
});

export const pruneTexts = operation({
  name: "pruneTexts",
  method: "POST",
  path: "/api/v1/retention/prunings",
  summary: "Prune texts of the audit trail that are past their time; hashes, proofs and checkpoints stay valid",
  permission: "retention:manage",
  params: none,
  query: none,
  body: retention.pruneTextsBody,
  response: retention.pruningView,
  status: 200,
});
