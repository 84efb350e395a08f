import { z } from "zod";
import {
  addEvidenceBody,
  changeEnvelopeBody,
  chooseCatalogueBody,
  classifyModelBody,
  decideControlBody,
  evidenceKindView,
  evidenceRow,
  listEvidenceQuery,
  recordDeliveryBody,
} from "#lib/contracts/governance-api.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { FRAMEWORKS } from "#lib/domain/governance/catalogue/types.ts";
import { signedManifest } from "#lib/contracts/release-manifest.ts";

const none = z.strictObject({});
const MEBIBYTE = 1024 * 1024;

export const addEvidence = operation({
  name: "addEvidence",
  method: "POST",
  path: "/api/v1/evidence",
  summary: "State a fact about a version, model, release, endpoint, environment or the organisation; a document may go with it",
  permission: "evidence:create",
  params: none,
  query: none,
  body: addEvidenceBody,
  response: z.object({ id: z.string(), kind: z.string(), subject: z.string(), verdict: z.enum(["passed", "failed"]), documentDigest: z.string().nullable() }),
  status: 201,
  maxBodyBytes: 8 * MEBIBYTE,
});

export const listEvidence = operation({
  name: "listEvidence",
  method: "GET",
  path: "/api/v1/evidence",
  summary: "Evidence, newest first, by kind, subject, model, version or verdict",
  permission: "evidence:read",
  params: none,
  query: listEvidenceQuery,
  body: null,
  response: z.object({ data: z.array(evidenceRow), next: z.string().nullable() }),
  status: 200,
});

export const listEvidenceKinds = operation({
  name: "listEvidenceKinds",
  method: "GET",
  path: "/api/v1/evidence/kinds",
  summary: "Every kind of evidence: its fields, what it is about, who may make it and how long it counts",
  permission: "evidence:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(evidenceKindView) }),
  status: 200,
});

export const getEvidenceDocument = operation({
  name: "getEvidenceDocument",
  method: "GET",
  path: "/api/v1/evidence/documents/{digest}",
  summary: "A document that evidence rests on, as it was handed in",
  permission: "evidence:read",
  params: z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  query: none,
  body: null,
  response: null,
  responseType: "application/octet-stream",
  status: 200,
});

const counts = z.object({
  met: z.number(), stale: z.number(), failed: z.number(), missing: z.number(), waived: z.number(), upcoming: z.number(), not_applicable: z.number(),
  all: z.number(), applicable: z.number(), byPerson: z.number(),
});

export const listFrameworks = operation({
  name: "listFrameworks",
  method: "GET",
  path: "/api/v1/frameworks",
  summary: "Frameworks of the catalogue in force, and for a model how its controls stand",
  permission: "control:read",
  params: none,
  query: z.strictObject({ model: slug.optional(), version: versionName.optional() }),
  body: null,
  response: z.object({
    catalogue: z.string(),
    data: z.array(z.object({ id: z.enum(FRAMEWORKS), slug: z.string(), name: z.string(), body: z.string(), standing: z.string(), controls: z.number(), counts: counts.nullable() })),
  }),
  status: 200,
});

const controlView = z.object({
  id: z.string(),
  citation: z.string(),
  title: z.string(),
  obligation: z.string(),
  force: z.string(),
  confidence: z.string(),
  note: z.string().nullable(),
  evidence: z.array(z.string()),
  state: z.enum(["met", "stale", "failed", "missing", "waived", "upcoming", "not_applicable"]).nullable(),
  because: z.string().nullable(),
});

export const getFramework = operation({
  name: "getFramework",
  method: "GET",
  path: "/api/v1/frameworks/{framework}",
  summary: "Controls of a framework, and for a model the state of each",
  permission: "control:read",
  params: z.strictObject({ framework: slug }),
  query: z.strictObject({ model: slug.optional(), version: versionName.optional() }),
  body: null,
  response: z.object({ id: z.enum(FRAMEWORKS), name: z.string(), catalogue: z.string(), controls: z.array(controlView) }),
  status: 200,
});

const diff = z.object({
  from: z.string(),
  to: z.string(),
  added: z.array(z.object({ id: z.string(), title: z.string() })),
  removed: z.array(z.object({ id: z.string(), title: z.string() })),
  changed: z.array(z.object({ id: z.string(), title: z.string(), fields: z.array(z.string()) })),
  newEvidence: z.array(z.string()),
});

export const listCatalogues = operation({
  name: "listCatalogues",
  method: "GET",
  path: "/api/v1/catalogues",
  summary: "Shipped catalogues, the one in force, and what would be different under each of the others",
  permission: "control:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ inForce: z.string(), data: z.array(z.object({ version: z.string(), asOf: z.string(), summary: z.string(), controls: z.number(), diff: diff.nullable() })) }),
  status: 200,
});

export const chooseCatalogue = operation({
  name: "chooseCatalogue",
  method: "POST",
  path: "/api/v1/catalogues",
  summary: "Put another shipped catalogue in force; releases keep the one they were judged by",
  permission: "catalogue:choose",
  params: none,
  query: none,
  body: chooseCatalogueBody,
  response: z.object({ version: z.string(), digest: z.string() }),
  status: 201,
});

export const classifyModel = operation({
  name: "classifyModel",
  method: "POST",
  path: "/api/v1/models/{model}/classification",
  summary: "Answer the classifier's questions about a model; which duties bind follows from the answers",
  permission: "model:classify",
  params: z.strictObject({ model: slug }),
  query: none,
  body: classifyModelBody,
  response: z.object({ id: z.string(), model: z.string(), actClass: z.string(), because: z.array(z.string()) }),
  status: 201,
});

export const recordDelivery = operation({
  name: "recordDelivery",
  method: "POST",
  path: "/api/v1/models/{model}/delivery",
  summary: "Record who delivers the model to whom, who keeps the artifact and who owes what",
  permission: "model:classify",
  params: z.strictObject({ model: slug }),
  query: none,
  body: recordDeliveryBody,
  response: z.object({ id: z.string(), model: z.string(), kind: z.string() }),
  status: 201,
});

export const decideControl = operation({
  name: "decideControl",
  method: "POST",
  path: "/api/v1/models/{model}/controls",
  summary: "Sign that a control does or does not apply to a model, or waive it for a time, with a reason",
  permission: "control:decide",
  params: z.strictObject({ model: slug }),
  query: none,
  body: decideControlBody,
  response: z.object({ id: z.string(), controlId: z.string(), expiresAt: z.iso.datetime() }),
  status: 201,
});

export const registerChangePlan = operation({
  name: "registerChangePlan",
  method: "POST",
  path: "/api/v1/models/{model}/change-plan",
  summary: "Register the predetermined change plan of a model (FDA PCCP, EU AI Act Art. 43(4)); releases outside it are stopped",
  permission: "control:decide",
  params: z.strictObject({ model: slug }),
  query: none,
  body: changeEnvelopeBody,
  response: z.object({ id: z.string(), model: z.string(), planVersion: z.string(), digest: z.string() }),
  status: 201,
});

export const getReleaseManifest = operation({
  name: "getReleaseManifest",
  method: "GET",
  path: "/api/v1/releases/{releaseId}/manifest",
  summary: "One signed file about a release: artifact, plan, approvals, checklist, controls, windows and decisions",
  permission: "release:read",
  params: z.strictObject({ releaseId: z.string().regex(/^([1-9][0-9]{0,8}|[0-9a-f-]{36})$/) }),
  query: none,
  body: null,
  response: signedManifest,
  status: 200,
});

export const getTechnicalDocumentation = operation({
  name: "getTechnicalDocumentation",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/annex-iv",
  summary: "Technical documentation by the sections of Annex IV, from records and evidence, as Markdown",
  permission: "evidence:read",
  params: z.strictObject({ model: slug, version: versionName }),
  query: none,
  body: null,
  response: null,
  responseType: "text/markdown; charset=utf-8",
  status: 200,
});
