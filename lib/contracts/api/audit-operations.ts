import { z } from "zod";
import {
  auditAsOfQuery,
  auditAsOfView,
  auditConsistencyView,
  auditExportFormats,
  auditFilterQuery,
  auditListQuery,
  auditListView,
  auditProofView,
  auditVerifyView,
  auditWitnessesView,
  checkpointView,
} from "#lib/contracts/audit-api.ts";
import { operation } from "#lib/contracts/operation.ts";

const none = z.strictObject({});

export const listAuditEvents = operation({
  name: "listAuditEvents",
  method: "GET",
  path: "/api/v1/audit/events",
  summary: "Entries of the audit trail, newest first",
  permission: "audit:read",
  params: none,
  query: auditListQuery,
  body: null,
  response: auditListView,
  status: 200,
});

export const readAuditAsOf = operation({
  name: "readAuditAsOf",
  method: "GET",
  path: "/api/v1/audit/as-of",
  summary: "By which limits an endpoint was served and released at a past moment, and who could approve there",
  permission: "audit:read",
  params: none,
  query: auditAsOfQuery,
  body: null,
  response: auditAsOfView,
  status: 200,
});

export const listCheckpoints = operation({
  name: "listCheckpoints",
  method: "GET",
  path: "/api/v1/audit/checkpoints",
  summary: "The verifier key and the newest signed checkpoints",
  permission: "audit:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ origin: z.string(), vkey: z.string(), checkpoints: z.array(checkpointView) }),
  status: 200,
});

export const listAuditWitnesses = operation({
  name: "listAuditWitnesses",
  method: "GET",
  path: "/api/v1/audit/witnesses",
  summary: "Places outside that keep checkpoints: what they took, and what they said when last asked",
  permission: "audit:read",
  params: none,
  query: none,
  body: null,
  response: auditWitnessesView,
  status: 200,
});

export const proveAuditEvent = operation({
  name: "proveAuditEvent",
  method: "GET",
  path: "/api/v1/audit/proof/{seq}",
  summary: "Proof that an entry stands in the signed trail",
  permission: "audit:read",
  params: z.strictObject({ seq: z.coerce.number().int().nonnegative() }),
  query: none,
  body: null,
  response: auditProofView,
  status: 200,
});

export const proveConsistency = operation({
  name: "proveConsistency",
  method: "GET",
  path: "/api/v1/audit/consistency",
  summary: "Proof that the trail extends a checkpoint that you kept",
  permission: "audit:read",
  params: none,
  query: z.strictObject({ from: z.coerce.number().int().positive() }),
  body: null,
  response: auditConsistencyView,
  status: 200,
});

export const verifyAudit = operation({
  name: "verifyAudit",
  method: "POST",
  path: "/api/v1/audit/verify",
  summary: "Check the whole trail here and now: hashes, tree, signatures",
  permission: "audit:read",
  params: none,
  query: none,
  body: null,
  response: auditVerifyView,
  status: 200,
});

export const exportAudit = operation({
  name: "exportAudit",
  method: "GET",
  path: "/api/v1/audit/export",
  summary: "The filtered trail as a signed bundle for the offline verifier, or as CSV, JSON Lines or PDF",
  permission: "audit:export",
  params: none,
  query: auditFilterQuery.extend({ format: z.enum(auditExportFormats).default("bundle") }),
  body: null,
  response: null,
  status: 200,
  responseType: "application/octet-stream",
});
