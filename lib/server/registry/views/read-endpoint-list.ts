import { endpointListViewQuery, type EndpointListView } from "#lib/contracts/views/endpoint-list-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { isEnd } from "#lib/domain/release/states.ts";
import { query } from "../../read.ts";
import { actFor } from "./open-acts.ts";
import { placesOn, shownPlace } from "./place-views.ts";
import { RATE_WINDOW_MS } from "./read-model-list.ts";

const OPEN_RELEASES = 2000;

/** Every endpoint that this viewer may see, by name. */
export const readEndpointList = query({
  name: "read-endpoint-list",
  permission: "endpoint:read",
  of: "many",
  input: endpointListViewQuery,
  async run({ db, actor, input, now }): Promise<EndpointListView> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const words = input.q.toLowerCase().split(/\s+/);
    const visible = (await db.endpoints.listEndpoints()).filter(
      ({ environment }) => allowed === "all" || allowed.includes(environment.id),
    );
    const endpoints = visible.filter(({ name, modelName, environment }) => {
      const text = `${name} ${modelName} ${environment.name}`.toLowerCase();
      return words.every((word) => text.includes(word)) && (input.environment === null || environment.name === input.environment);
    });
    const places = await placesOn(db, endpoints);
    const ids = endpoints.map(({ id }) => id);
    const traffic = await db.traffic.trafficSince(ids, new Date(now.getTime() - RATE_WINDOW_MS), now);
    const runtimes = (await db.runtimes.listRuntimes(now)).filter(({ live }) => live);
    const open = (await db.releases.listReleases({ since: now }, OPEN_RELEASES)).filter(({ release }) => !isEnd(release.state));
    return {
      asOf: now.toISOString(),
      rows: endpoints.map((endpoint) => {
        const tally = traffic.get(endpoint.id);
        const release = open.find(({ release: one }) => one.endpointId === endpoint.id);
        return {
          endpointId: endpoint.id,
          name: endpoint.name,
          environmentName: endpoint.environment.name,
          modelName: endpoint.modelName,
          pattern: endpoint.pattern,
          demo: endpoint.environment.demo,
          places: places.filter(({ endpointId }) => endpointId === endpoint.id).map(shownPlace),
          openRelease: release ? { number: release.number, state: release.release.state } : null,
          requestsPerSecond: tally === undefined ? null : tally.requests / tally.seconds,
          errorShare: tally === undefined || tally.requests === 0 ? null : Math.min(1, tally.errors / tally.requests),
          runtimesCurrent: runtimes.filter(({ acks }) =>
            acks?.endpoints.some(({ endpointId, epoch }) => endpointId === endpoint.id && epoch === endpoint.epoch),
          ).length,
          runtimesLive: runtimes.length,
        };
      }),
      total: visible.length,
      mayCreate: actFor(actor, "endpoint:create", "engineers, ML leads and administrators"),
    };
  },
});
