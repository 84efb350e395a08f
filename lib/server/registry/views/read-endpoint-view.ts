import { z } from "zod";
import { endpointViewQuery, type DeploymentRow, type EndpointView, type RouteRow } from "#lib/contracts/views/endpoint-view.ts";
import { exampleRequest } from "#lib/domain/contract/example-request.ts";
import { formatList } from "#lib/domain/release/wording.ts";
import type { RouteCause } from "#lib/domain/routing/route-table.ts";
import { asJson } from "../../content-digest.ts";
import type { DeploymentRecord, EndpointRecord, StoredRoute } from "../../db/endpoint-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { actFor, actIn, closed, BUILDERS } from "./open-acts.ts";
import { type FoundPlace, placesOn, placeText, shownPlace } from "./place-views.ts";
import { runtimeRow } from "./runtime-row.ts";

const MOST_ROUTES = 50;
const MOST_DEPLOYMENTS = 50;
const EXAMPLE_VALUES = 2000;

const CAUSES: Readonly<Record<RouteCause, string>> = {
  endpoint_created: "Endpoint made",
  provision: "Candidate loaded, no weight yet",
  step: "Step of a release",
  promotion: "Promotion",
  completion: "Release over",
  rollback: "Roll back",
  abort: "Release aborted",
  safe_state: "A runtime went to stable by itself",
};

type Names = { readonly versions: ReadonlyMap<string, string>; readonly releases: ReadonlyMap<string, number> };

const numberOf = (names: Names, releaseId: string | null): number | null =>
  releaseId === null ? null : (names.releases.get(releaseId) ?? null);

const routeRow = (route: StoredRoute, names: Names): RouteRow => ({
  epoch: route.epoch,
  at: route.createdAt.toISOString(),
  cause: route.cause,
  causeText: CAUSES[route.cause],
  by: route.actor,
  releaseNumber: numberOf(names, route.releaseId),
  arms: route.arms.map(({ versionId, arm, weightBp }) => ({
    versionName: names.versions.get(versionId) ?? "unknown",
    role: arm,
    weightBp,
  })),
});

const deploymentRow = (row: DeploymentRecord, names: Names): DeploymentRow => ({
  deploymentId: row.id,
  versionName: row.versionName,
  digest: row.versionDigest,
  target: row.target,
  releaseNumber: numberOf(names, row.releaseId),
  startedAt: row.startedAt.toISOString(),
  startedBy: row.startedBy,
  endedAt: row.endedAt?.toISOString() ?? null,
  endedBy: row.endedBy,
  endReason: row.endReason,
});

async function exampleFor(db: ReadModels, endpoint: EndpointRecord): Promise<EndpointView["example"]> {
  if (endpoint.stableVersionId === null) return null;
  const { contract, signature } = await db.models.getVersionById(endpoint.stableVersionId);
  const values = signature.inputs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * (size < 0 ? 1 : size), 1),
    0,
  );
  if (values > EXAMPLE_VALUES) return null;
  const request = exampleRequest(contract, signature);
  return request === null ? null : (asJson(request) as Record<string, unknown>);
}

function sentence(endpoint: EndpointRecord, places: readonly FoundPlace[]): string {
  if (places.length === 0) return `${endpoint.name} serves nothing yet.`;
  return `${formatList(places.map((place) => `${place.versionName} ${placeText(place, "known")}`))}.`;
}

async function thenAt(db: ReadModels, endpoint: EndpointRecord, at: string): Promise<{ route: StoredRoute | null; deployments: DeploymentRecord[] }> {
  const moment = new Date(at);
  return {
    route: await db.endpoints.routeAt(endpoint.id, moment),
    deployments: await db.endpoints.deploymentsAt(endpoint.id, moment),
  };
}

/** One endpoint: what answers there and since when, what did at a past moment, and how that came about. */
export const readEndpointView = query({
  name: "read-endpoint-view",
  permission: "endpoint:read",
  of: "one",
  input: endpointViewQuery.extend({ endpoint: z.string().max(128) }),
  async run({ db, actor, input, now, authorise }): Promise<EndpointView> {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise({
      environmentId: endpoint.environment.id,
      targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }],
    });
    const model = await db.models.getModel(endpoint.modelName);
    const places = await placesOn(db, [endpoint]);
    const routes = await db.endpoints.recentRoutes(endpoint.id, MOST_ROUTES);
    const deployments = await db.endpoints.deploymentsOf({ endpointId: endpoint.id }, MOST_DEPLOYMENTS);
    const then = input.at === null ? null : await thenAt(db, endpoint, input.at);
    const tables = then?.route ? [...routes, then.route] : routes;
    const versionIds = tables.flatMap(({ arms }) => arms.map(({ versionId }) => versionId));
    const heads = await db.registry.versionHeads({ ids: versionIds }, versionIds.length);
    const names: Names = {
      versions: new Map(heads.map(({ id, name }) => [id, name])),
      releases: await db.registry.releaseNumbers(
        [...tables, ...deployments, ...(then?.deployments ?? [])].map(({ releaseId }) => releaseId),
      ),
    };
    const open = await db.releases.openReleaseOf(endpoint.id);
    return {
      asOf: now.toISOString(),
      endpointId: endpoint.id,
      name: endpoint.name,
      environmentName: endpoint.environment.name,
      stage: endpoint.environment.policy.stage,
      mayLiftQuarantine: actFor(actor, "version:quarantine", "ML leads, validators and administrators"),
      modelName: endpoint.modelName,
      pattern: endpoint.pattern,
      riskTier: model.riskTier,
      demo: endpoint.environment.demo,
      say: sentence(endpoint, places),
      epoch: endpoint.epoch,
      places: places.map(shownPlace),
      openRelease: open
        ? { number: open.number, state: open.release.state, candidateVersionName: open.candidateName }
        : null,
      then:
        then === null || input.at === null
          ? null
          : {
              at: input.at,
              route: then.route === null ? null : routeRow(then.route, names),
              deployments: then.deployments.map((row) => deploymentRow(row, names)),
            },
      runtimes: (await db.runtimes.listRuntimes(now)).map((runtime) => runtimeRow(runtime, endpoint, names.versions)),
      example: await exampleFor(db, endpoint),
      deployments: deployments.map((row) => deploymentRow(row, names)),
      routes: routes.map((route) => routeRow(route, names)),
      routesTotal: await db.registry.countRoutes(endpoint.id),
      mayRelease:
        endpoint.pattern === "online"
          ? actIn(actor, "release:create", endpoint.environment.id, BUILDERS)
          : closed(endpoint.pattern === "batch" ? "Its version changes by a comparison on the page of batch jobs." : "Its version changes by updates on the page of devices."),
    };
  },
});
