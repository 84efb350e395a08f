import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { comparisonView } from "#lib/contracts/views/comparison-view.ts";
import { graphView } from "#lib/contracts/views/graph-view.ts";
import { scanReport } from "#lib/contracts/views/scan-view.ts";

/** What can be asked of the bytes of a version after it is registered. */

const none = z.strictObject({});
const oneVersion = z.strictObject({ model: slug, version: versionName });

export const getVersionGraph = operation({
  name: "getVersionGraph",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/graph",
  summary: "The operators of an ONNX graph and how they are wired, laid out for a picture",
  permission: "version:read",
  params: oneVersion,
  query: none,
  body: null,
  response: graphView,
  status: 200,
});

export const compareVersions = operation({
  name: "compareVersions",
  method: "GET",
  path: "/api/v1/models/{model}/compare",
  summary: "Two versions side by side: what was read, contract, operators, weights by digest",
  permission: "version:read",
  params: z.strictObject({ model: slug }),
  query: z.strictObject({ from: versionName, to: versionName }),
  body: null,
  response: comparisonView,
  status: 200,
});

export const getVersionScans = operation({
  name: "getVersionScans",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/scans",
  summary: "Every reading of a version's bytes with the rules of its day, newest first",
  permission: "version:read",
  params: oneVersion,
  query: none,
  body: null,
  response: scanReport,
  status: 200,
});

export const scanVersion = operation({
  name: "scanVersion",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/scans",
  summary: "Read the bytes of a version again with the rules of today",
  permission: "version:scan",
  params: oneVersion,
  query: none,
  body: none,
  response: z.object({ scannerVersion: z.string(), verdict: z.enum(["passed", "review", "blocked"]), newCodes: z.array(z.string()) }),
  status: 201,
});

/** A detached Ed25519 signature over the text of the version's digest. */
export const signatureBody = z.strictObject({
  /** PEM, or base64 of the SubjectPublicKeyInfo. */
  publicKey: z.string().min(40).max(1000),
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, "64 bytes in base64."),
});

export const signVersion = operation({
  name: "signVersion",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/signatures",
  summary: "Keep a detached Ed25519 signature over a version's digest, once it has been verified",
  permission: "version:sign",
  params: oneVersion,
  query: none,
  body: signatureBody,
  response: z.object({ keyId: z.string(), digest: z.string() }),
  status: 201,
});

export const riskAcceptanceBody = z.strictObject({
  /** What was looked at, and why the risk is bearable; stays in the record. */
  reason: z.string().trim().min(20, "Say in at least 20 characters what you looked at and why it is bearable.").max(2000),
  days: z.number().int().min(1).max(180).default(90),
  /** From POST /api/v1/session/step-up, where the signing rules ask for the password. */
  grant: z.uuid().optional(),
});

export const acceptRisk = operation({
  name: "acceptRisk",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/risk-acceptances",
  summary: "Sign that the risk of loading a pickle is accepted: for this digest, for what was found, until a day",
  permission: "version:accept_risk",
  params: oneVersion,
  query: none,
  body: riskAcceptanceBody,
  response: z.object({ evidenceId: z.string(), expiresAt: z.iso.datetime(), codes: z.array(z.string()) }),
  status: 201,
});
