import type { LivePlace, ReleaseRow } from "#lib/contracts/views/registry-parts.ts";
import type { ArmRole } from "#lib/contracts/runtime-protocol.ts";
import { formatList, formatWeight } from "#lib/domain/release/wording.ts";
import type { EndpointRecord, StoredRoute } from "../../db/endpoint-repository.ts";
import type { OpenDeployment } from "../../db/registry-reads.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels } from "../../ports.ts";

const ORDER: readonly ArmRole[] = ["stable", "candidate", "previous", "shadow"];

/** Where something is live, with the ids that a view does not show. */
export type FoundPlace = LivePlace & { readonly endpointId: string; readonly versionId: string; readonly modelId: string };

/**
 * What these endpoints serve by the tables in force. A stable version has been there since its deployment began; any other weight since the table that
 * gave it.
 */
export async function placesOn(db: ReadModels, endpoints: readonly EndpointRecord[]): Promise<FoundPlace[]> {
  const ids = endpoints.map(({ id }) => id);
  const routes = await db.registry.currentRoutes(ids);
  const deployments = await db.registry.openDeployments(ids);
  const arms = [...routes.values()].flatMap((route) => route.arms);
  const heads = await db.registry.versionHeads({ ids: arms.map(({ versionId }) => versionId) }, arms.length);
  const names = new Map(heads.map((head) => [head.id, head.name]));
  const numbers = await db.registry.releaseNumbers([
    ...[...routes.values()].map(({ releaseId }) => releaseId),
    ...deployments.map(({ releaseId }) => releaseId),
  ]);
  return endpoints.flatMap((endpoint) => {
    const route = routes.get(endpoint.id);
    return route === undefined ? [] : placesOf(endpoint, route, { deployments, names, numbers });
  });
}

type Known = {
  readonly deployments: readonly OpenDeployment[];
  readonly names: ReadonlyMap<string, string>;
  readonly numbers: ReadonlyMap<string, number>;
};

function placesOf(endpoint: EndpointRecord, route: StoredRoute, known: Known): FoundPlace[] {
  return [...route.arms]
    .sort((a, b) => ORDER.indexOf(a.arm) - ORDER.indexOf(b.arm))
    .map(({ versionId, arm, weightBp }) => {
      const deployed = known.deployments.find((open) => open.endpointId === endpoint.id && open.versionId === versionId);
      const settled = arm === "stable" && deployed !== undefined && weightBp === 10_000;
      const releaseId = settled ? deployed.releaseId : route.releaseId;
      return {
        endpointId: endpoint.id,
        modelId: endpoint.modelId,
        versionId,
        endpointName: endpoint.name,
        environmentName: endpoint.environment.name,
        versionName: known.names.get(versionId) ?? "unknown",
        role: arm,
        weightBp,
        since: (settled ? deployed.startedAt : route.createdAt).toISOString(),
        by: settled ? deployed.startedBy : route.actor,
        releaseNumber: releaseId === null ? null : (known.numbers.get(releaseId) ?? null),
      };
    });
}

/** The part of a place that goes over the wire. */
export const shownPlace = ({ endpointId: _endpoint, versionId: _version, modelId: _model, ...place }: FoundPlace): LivePlace => place;

/** "answers 100 % of credit-default-live (production) as stable"; without `where` on a page that is about one endpoint. */
export function placeText({ endpointName, environmentName, role, weightBp }: LivePlace, where: "named" | "known" = "named"): string {
  const place = where === "known" ? "" : ` ${role === "previous" ? "on" : "of"} ${endpointName} (${environmentName})`;
  if (role === "previous") return `stays loaded${place} to go back to`;
  if (role === "shadow") return `is shown ${formatWeight(weightBp)}${place} as shadow`;
  return weightBp === 0 ? `is loaded${place.replace(" of ", " on ")} as ${role}, without weight yet` : `answers ${formatWeight(weightBp)}${place} as ${role}`;
}

/** "3.2.0 answers ... and ...", or null when the version is nowhere. */
export function placesSentence(name: string, places: readonly LivePlace[]): string | null {
  return places.length === 0 ? null : `${name} ${formatList(places.map((place) => placeText(place)))}.`;
}

/** Rows of releases, with the names of their authors. */
export async function releaseRows(db: ReadModels, records: readonly ReleaseRecord[]): Promise<ReleaseRow[]> {
  const names = new Map<string, string>();
  for (const { release } of records) {
    if (names.has(release.authorId)) continue;
    names.set(release.authorId, (await db.people.findPersonByPersonId(release.authorId))?.name ?? "Unknown person");
  }
  return records.map((record) => ({
    number: record.number,
    state: record.release.state,
    endpointName: record.endpointName,
    environmentName: record.environmentName,
    candidateVersionName: record.candidateName,
    stableVersionName: record.stableName,
    createdAt: record.createdAt.toISOString(),
    endedAt: record.endedAt?.toISOString() ?? null,
    authorName: names.get(record.release.authorId) ?? "Unknown person",
  }));
}
