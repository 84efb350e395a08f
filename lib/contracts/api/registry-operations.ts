import { z } from "zod";
import {
  artifactInspection,
  fieldSampleCheck,
  finding,
  inputContract,
  sampleSummary,
} from "#lib/contracts/artifact.ts";
import { operation } from "#lib/contracts/operation.ts";
import {
  changePolicyBody,
  createEndpointBody,
  createEnvironmentBody,
  createModelBody,
  registerVersionFields,
  slug,
  versionName,
  liftQuarantineBody,
} from "#lib/contracts/registry-api.ts";
import { modelSignature } from "#lib/contracts/signature.ts";

const none = z.strictObject({});
const MEBIBYTE = 1_048_576;
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const fileName = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);

export const modelSummary = z.object({
  id: z.string(),
  name: z.string(),
  intendedUse: z.string(),
  riskTier: z.string(),
  sector: z.string().nullable(),
  jurisdictions: z.array(z.string()),
  createdAt: z.iso.datetime(),
  versions: z.array(
    z.object({ name: z.string(), digest: z.string(), state: z.string(), createdAt: z.iso.datetime() }),
  ),
});

export const createModel = operation({
  name: "createModel",
  method: "POST",
  path: "/api/v1/models",
  summary: "Name a new model and say what it is for",
  permission: "model:create",
  params: none,
  query: none,
  body: createModelBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 201,
});

export const listModels = operation({
  name: "listModels",
  method: "GET",
  path: "/api/v1/models",
  summary: "All models with their versions",
  permission: "model:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(modelSummary) }),
  status: 200,
});

export const getModel = operation({
  name: "getModel",
  method: "GET",
  path: "/api/v1/models/{model}",
  summary: "One model with its versions, newest first",
  permission: "model:read",
  params: z.strictObject({ model: slug }),
  query: none,
  body: null,
  response: modelSummary,
  status: 200,
});

/** What an upload turned out to be, before anything is registered. */
export const uploadedArtifact = z.object({
  files: z.array(z.object({ name: fileName, role: z.enum(["model", "external"]), digest, sizeBytes: z.number() })),
  modelDigest: digest,
  inspection: artifactInspection,
  findings: z.array(finding),
  /** Null when a finding blocks. */
  signature: modelSignature.nullable(),
  contract: inputContract.nullable(),
  sampleChecks: z.array(fieldSampleCheck),
  sampleSummary: sampleSummary.nullable(),
  /** Where each part of the contract came from, in words. */
  notes: z.array(z.string()),
  labelOutput: z.string().nullable(),
  duplicateOf: z.object({ model: z.string(), version: z.string() }).nullable(),
});
export type UploadedArtifact = z.output<typeof uploadedArtifact>;

export const uploadArtifact = operation({
  name: "uploadArtifact",
  method: "POST",
  path: "/api/v1/artifacts",
  summary: "Upload a model file and read it, without registering (multipart: model, external, sample)",
  permission: "version:create",
  params: none,
  query: none,
  body: "stream",
  response: uploadedArtifact,
  status: 201,
});

/** The JSON form of registering: files by digest, uploaded before. */
export const registerVersionBody = registerVersionFields.extend({
  files: z.array(z.strictObject({ name: fileName, role: z.enum(["model", "external"]), digest })).min(1).max(33),
});

export const registerVersion = operation({
  name: "registerVersion",
  method: "POST",
  path: "/api/v1/models/{model}/versions",
  summary: "Register a version: multipart with the files and fields, or JSON with the digests of an earlier upload",
  permission: "version:create",
  params: z.strictObject({ model: slug }),
  query: none,
  body: "stream",
  response: z.object({
    id: z.string(),
    model: z.string(),
    version: z.string(),
    digest,
    modelFileDigest: digest,
    /** The profile run that was ordered; null for a format that the bundled runtime does not serve. */
    jobId: z.string().nullable(),
  }),
  status: 201,
  maxBodyBytes: 16 * MEBIBYTE,
});

const jobView = z.object({
  jobId: z.string(),
  state: z.enum(["waiting", "succeeded", "failed"]),
  outputs: z.array(z.unknown()),
  problem: z.string().nullable(),
  /** From asking to the answer, seconds in the queue included; null while waiting. */
  tookMs: z.number().nullable(),
});

export const tryVersion = operation({
  name: "tryVersion",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/try",
  summary: "Run one request on a version in an isolated process; never counted as traffic",
  permission: "version:try",
  params: z.strictObject({ model: slug, version: versionName }),
  query: none,
  body: z.strictObject({ request: z.looseObject({ inputs: z.array(z.unknown()).min(1).max(2048) }) }),
  response: jobView,
  status: 200,
  maxBodyBytes: MEBIBYTE,
});

export const liftQuarantine = operation({
  name: "liftQuarantine",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/lift-quarantine",
  summary: "Have a quarantined version tried again: a new sandbox run, and a new start on the runtimes that gave it up",
  permission: "version:quarantine",
  params: z.strictObject({ model: slug, version: versionName }),
  query: none,
  body: liftQuarantineBody,
  response: z.object({ version: z.string(), state: z.string(), runtimes: z.array(z.string()) }),
  status: 200,
});

export const getJob = operation({
  name: "getJob",
  method: "GET",
  path: "/api/v1/jobs/{jobId}",
  summary: "Where a job stands",
  permission: "version:read",
  params: z.strictObject({ jobId: z.uuid() }),
  query: none,
  body: null,
  response: jobView,
  status: 200,
});

const environmentView = z.object({ id: z.string(), name: z.string(), policy: z.unknown() });

export const listEnvironments = operation({
  name: "listEnvironments",
  method: "GET",
  path: "/api/v1/environments",
  summary: "Environments with their policies",
  permission: "environment:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(environmentView) }),
  status: 200,
});

export const createEnvironment = operation({
  name: "createEnvironment",
  method: "POST",
  path: "/api/v1/environments",
  summary: "A new environment; without a policy it gets production's",
  permission: "environment:create",
  params: none,
  query: none,
  body: createEnvironmentBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 201,
});

export const changeEnvironmentPolicy = operation({
  name: "changeEnvironmentPolicy",
  method: "PUT",
  path: "/api/v1/environments/{environment}",
  summary: "Give an environment another policy; releases under way keep the plan that was approved",
  permission: "environment:edit",
  params: z.strictObject({ environment: slug }),
  query: none,
  body: changePolicyBody,
  response: z.object({ id: z.string(), name: z.string() }),
  status: 200,
});

const armView = z.object({ version: z.string(), arm: z.string(), weightBp: z.number().int() });

export const endpointSummary = z.object({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  model: z.string(),
  epoch: z.number().int(),
  arms: z.array(armView),
});

export const listEndpoints = operation({
  name: "listEndpoints",
  method: "GET",
  path: "/api/v1/endpoints",
  summary: "Endpoints with what they serve now",
  permission: "endpoint:read",
  params: none,
  query: none,
  body: null,
  response: z.object({ data: z.array(endpointSummary) }),
  status: 200,
});

export const getEndpoint = operation({
  name: "getEndpoint",
  method: "GET",
  path: "/api/v1/endpoints/{endpoint}",
  summary: "What an endpoint serves, now or at a past moment",
  permission: "endpoint:read",
  params: z.strictObject({ endpoint: slug }),
  query: z.strictObject({ at: z.iso.datetime().optional() }),
  body: null,
  response: endpointSummary.extend({
    at: z.iso.datetime(),
    deployments: z.array(
      z.object({
        version: z.string(),
        startedAt: z.iso.datetime(),
        startedBy: z.string(),
        endedAt: z.iso.datetime().nullable(),
        releaseId: z.string().nullable(),
      }),
    ),
  }),
  status: 200,
});

export const createEndpoint = operation({
  name: "createEndpoint",
  method: "POST",
  path: "/api/v1/endpoints",
  summary: "A new endpoint with its first version live",
  permission: "endpoint:create",
  params: none,
  query: none,
  body: createEndpointBody,
  response: z.object({ id: z.string(), name: z.string(), epoch: z.number().int() }),
  status: 201,
});
