import {
  modelListStates,
  modelListViewQuery,
  type ModelListRow,
  type ModelListState,
  type ModelListView,
} from "#lib/contracts/views/model-list-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { isEnd } from "#lib/domain/release/states.ts";
import type { ModelRecord } from "../../db/model-repository.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { TrafficTally } from "../../db/traffic-reads.ts";
import { query } from "../../read.ts";
import { actFor, BUILDERS } from "./open-acts.ts";
import { type FoundPlace, placesOn, shownPlace } from "./place-views.ts";

/** What "requests a second" is taken over. */
export const RATE_WINDOW_MS = 300_000;
const OPEN_RELEASES = 2000;

function stateOf(places: readonly FoundPlace[], openRelease: ReleaseRecord | undefined, versions: number): ModelListState {
  if (openRelease) return "release";
  if (places.some(({ weightBp }) => weightBp > 0)) return "live";
  return versions > 0 ? "not_live" : "empty";
}

function rateOf(places: readonly FoundPlace[], traffic: ReadonlyMap<string, TrafficTally>): number | null {
  const endpoints = [...new Set(places.map(({ endpointId }) => endpointId))];
  if (endpoints.length === 0) return null;
  return endpoints.reduce((sum, id) => {
    const tally = traffic.get(id);
    return tally === undefined ? sum : sum + tally.requests / tally.seconds;
  }, 0);
}

const fits = (q: string, model: ModelRecord, ownerName: string): boolean => {
  const text = `${model.name} ${model.intendedUse} ${model.riskTier} ${ownerName}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

/** Every model by name, with where its versions are live now. */
export const readModelList = query({
  name: "read-model-list",
  permission: "model:read",
  of: "many",
  input: modelListViewQuery,
  async run({ db, actor, input, now }): Promise<ModelListView> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(
      ({ environment }) =>
        (allowed === "all" || allowed.includes(environment.id)) &&
        (input.environment === null || environment.name === input.environment),
    );
    const places = await placesOn(db, endpoints);
    const traffic = await db.traffic.trafficSince(
      endpoints.map(({ id }) => id),
      new Date(now.getTime() - RATE_WINDOW_MS),
      now,
    );
    const shown = new Set(endpoints.map(({ name }) => name));
    const open = (await db.releases.listReleases({ since: now }, OPEN_RELEASES)).filter(
      ({ release, endpointName }) => !isEnd(release.state) && shown.has(endpointName),
    );
    const tallies = await db.registry.modelTallies();
    const models = await db.models.listModels();
    const owners = await db.registry.userNames(models.map(({ ownerId }) => ownerId));
    const rows = models.flatMap((model): ModelListRow[] => {
      const own = places.filter(({ modelId }) => modelId === model.id);
      const ownerName = owners.get(model.ownerId) ?? "Unknown person";
      if (!fits(input.q, model, ownerName)) return [];
      if (input.environment !== null && !endpoints.some(({ modelId }) => modelId === model.id)) return [];
      const tally = tallies.get(model.id);
      const release = open.find(({ modelId }) => modelId === model.id);
      return [
        {
          modelId: model.id,
          name: model.name,
          intendedUse: model.intendedUse,
          riskTier: model.riskTier,
          ownerName,
          demo: model.demo,
          state: stateOf(own, release, tally?.versions ?? 0),
          openRelease: release ? { number: release.number, state: release.release.state } : null,
          places: own.map(shownPlace),
          versions: tally?.versions ?? 0,
          newest: tally?.newest
            ? { name: tally.newest.name, state: tally.newest.state, createdAt: tally.newest.createdAt.toISOString() }
            : null,
          requestsPerSecond: rateOf(own, traffic),
        },
      ];
    });
    const [release, live, not_live, empty] = modelListStates.map(
      (state) => rows.filter((row) => row.state === state).length,
    );
    return {
      asOf: now.toISOString(),
      rows: rows.filter(({ state }) => input.state === null || state === input.state),
      counts: { all: rows.length, release: release ?? 0, live: live ?? 0, not_live: not_live ?? 0, empty: empty ?? 0 },
      mayCreate: actFor(actor, "version:create", BUILDERS),
    };
  },
});
