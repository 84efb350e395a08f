import { newEndpointViewQuery, type NewEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";
import { allows, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import type { EnvironmentRecord } from "../../db/endpoint-repository.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { loadGrounds } from "../../governance/load-grounds.ts";
import { query } from "../../read.ts";
import { openRequirements } from "../../releases/open-requirements.ts";
import { actFor } from "./open-acts.ts";

const SHOWN_VERSIONS = 30;

async function choicesOf(
  db: ReadModels,
  actor: Actor,
  modelName: string | null,
  environment: EnvironmentRecord | null,
  now: Date,
): Promise<NewEndpointView["versions"]> {
  const model = modelName === null ? null : await db.models.findModel(modelName);
  if (model === null) return [];
  const choices: NewEndpointView["versions"] = [];
  for (const head of await db.registry.versionHeads({ modelId: model.id }, SHOWN_VERSIONS)) {
    const about = { model, version: head, endpointIds: [], environmentId: environment?.id ?? null, release: null };
    const open = environment === null ? [] : openRequirements(head, environment.policy, await loadGrounds(db, about, now), "first_weight");
    const own = environment !== null && environment.policy.approvalsRequired > 0 && !environment.demo && head.authorId === actor.userId;
    choices.push({
      versionName: head.name,
      state: head.state,
      createdAt: head.createdAt.toISOString(),
      blockers: own ? [...open, `You registered it: in ${environment.name} a colleague puts it live.`] : open,
    });
  }
  return choices;
}

/** What the form for a new endpoint needs: where it may live, and which version may be its first. */
export const readNewEndpoint = query({
  name: "read-new-endpoint",
  permission: "endpoint:read",
  of: "many",
  input: newEndpointViewQuery,
  async run({ db, actor, input, now }): Promise<NewEndpointView> {
    const allowed = environmentsAllowed(actor, "environment:read");
    const environments = (await db.endpoints.listEnvironments()).filter(({ id }) => allowed === "all" || allowed.includes(id));
    const chosen = environments.find(({ name }) => name === input.environment) ?? null;
    const tallies = await db.registry.modelTallies();
    const endpoints = await db.endpoints.listEndpoints();
    return {
      asOf: now.toISOString(),
      environments: environments.map((environment) => ({
        name: environment.name,
        approvalsRequired: environment.policy.approvalsRequired,
        open: allows(actor, "endpoint:create", environment.id),
      })),
      models: (await db.models.listModels()).map(({ id, name }) => ({ name, versions: tallies.get(id)?.versions ?? 0 })),
      takenNames: endpoints
        .filter(({ environment }) => allowed === "all" || allowed.includes(environment.id))
        .map(({ name }) => name),
      versions: await choicesOf(db, actor, input.model, chosen, now),
      mayCreate: actFor(actor, "endpoint:create", "engineers, ML leads and administrators"),
      mayCreateEnvironment: actFor(actor, "environment:create", "administrators"),
    };
  },
});
