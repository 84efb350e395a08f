import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import type { EndpointRecord, StoredRoute } from "../db/endpoint-repository.ts";
import type { ModelRecord } from "../db/model-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";

/** Newest first; a model with more is read by its pages. */
const MOST_VERSIONS = 1000;

async function summaryOf(db: ReadModels, model: ModelRecord) {
  const versions = await db.registry.versionHeads({ modelId: model.id }, MOST_VERSIONS);
  const { id, name, intendedUse, riskTier, sector, jurisdictions, createdAt } = model;
  return {
    id,
    name,
    intendedUse,
    riskTier,
    sector,
    jurisdictions: [...jurisdictions],
    createdAt: createdAt.toISOString(),
    versions: versions.map((version) => ({
      name: version.name,
      digest: version.digest,
      state: version.state,
      createdAt: version.createdAt.toISOString(),
    })),
  };
}

/** All models with their versions, for programs. */
export const listModels = query({
  name: "list-models",
  permission: "model:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db }) {
    const data = [];
    for (const model of await db.models.listModels()) data.push(await summaryOf(db, model));
    return { data };
  },
});

export const readModel = query({
  name: "read-model",
  permission: "model:read",
  of: "one",
  input: z.strictObject({ model: slug }),
  run: async ({ db, input }) => summaryOf(db, await db.models.getModel(input.model)),
});

export const listEnvironments = query({
  name: "list-environments",
  permission: "environment:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor }) {
    const allowed = environmentsAllowed(actor, "environment:read");
    const all = await db.endpoints.listEnvironments();
    return { data: all.filter(({ id }) => allowed === "all" || allowed.includes(id)).map(({ id, name, policy }) => ({ id, name, policy })) };
  },
});

async function armsOf(db: ReadModels, route: StoredRoute | null) {
  const arms = [];
  for (const { versionId, arm, weightBp } of route?.arms ?? []) {
    arms.push({ version: (await db.models.getVersionById(versionId)).name, arm, weightBp });
  }
  return arms;
}

const located = (endpoint: EndpointRecord) => ({
  environmentId: endpoint.environment.id,
  targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }],
});

export const listEndpoints = query({
  name: "list-endpoints",
  permission: "endpoint:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor }) {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const data = [];
    for (const endpoint of await db.endpoints.listEndpoints()) {
      if (allowed !== "all" && !allowed.includes(endpoint.environment.id)) continue;
      const route = await db.endpoints.currentRoute(endpoint.id);
      const { id, name, environment, modelName, epoch } = endpoint;
      data.push({ id, name, environment: environment.name, model: modelName, epoch, arms: await armsOf(db, route) });
    }
    return { data };
  },
});

/** What an endpoint serves now, or served at a past moment. */
export const readEndpoint = query({
  name: "read-endpoint",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ endpoint: slug, at: z.iso.datetime().optional() }),
  async run({ db, input, now, authorise }) {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise(located(endpoint));
    const at = input.at === undefined ? now : new Date(input.at);
    const route = await db.endpoints.routeAt(endpoint.id, at);
    const deployments = await db.endpoints.deploymentsAt(endpoint.id, at);
    return {
      id: endpoint.id,
      name: endpoint.name,
      environment: endpoint.environment.name,
      model: endpoint.modelName,
      epoch: route?.epoch ?? 0,
      arms: await armsOf(db, route),
      at: at.toISOString(),
      deployments: deployments.map(({ versionName, startedAt, startedBy, endedAt, releaseId }) => ({
        version: versionName,
        startedAt: startedAt.toISOString(),
        startedBy,
        endedAt: endedAt?.toISOString() ?? null,
        releaseId,
      })),
    };
  },
});
