import { searchQuery, type SearchItem, type SearchView } from "#lib/contracts/views/search-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";
import { query } from "../read.ts";

const MOST = 40;
const RELEASES_SEARCHED = 500;

/** Things whose name, number or digest begins with or contains the words; only what this person may read. */
export const search = query({
  name: "search",
  permission: "release:read",
  of: "many",
  input: searchQuery,
  async run({ db, actor, input }): Promise<SearchView> {
    const words = input.q.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const fits = (...texts: readonly string[]) => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
    const items: SearchItem[] = [];
    const allowed = environmentsAllowed(actor, "release:read");
    const releases = await db.releases.listReleases(allowed === "all" ? {} : { environmentIds: [...allowed] }, RELEASES_SEARCHED);
    for (const { release, number, modelName, candidateName, endpointName, environmentName } of releases) {
      if (!fits(String(number), modelName, candidateName, endpointName, release.id)) continue;
      items.push({
        kind: "release",
        id: release.id,
        title: `Release ${number}: ${modelName} ${candidateName}`,
        subtitle: `${endpointName}, ${environmentName}, ${RELEASE_LABELS[release.state].word.toLowerCase()}`,
        href: `/releases/${number}`,
        releaseState: release.state,
      });
    }
    for (const model of await db.models.listModels()) {
      if (fits(model.name, model.intendedUse)) {
        items.push({ kind: "model", id: model.id, title: model.name, subtitle: model.intendedUse, href: `/models/${model.name}`, releaseState: null });
      }
      for (const version of await db.models.listVersions(model.id)) {
        if (words.length === 0 || !fits(model.name, version.name, version.digest)) continue;
        items.push({
          kind: "version",
          id: version.id,
          title: `${model.name} ${version.name}`,
          subtitle: version.digest.slice(0, 19),
          href: `/models/${model.name}/versions/${version.name}`,
          releaseState: null,
        });
      }
    }
    for (const endpoint of await db.endpoints.listEndpoints()) {
      if (!fits(endpoint.name, endpoint.modelName) || (allowed !== "all" && !allowed.includes(endpoint.environment.id))) continue;
      items.push({
        kind: "endpoint",
        id: endpoint.id,
        title: endpoint.name,
        subtitle: `Endpoint in ${endpoint.environment.name}`,
        href: `/endpoints/${endpoint.name}`,
        releaseState: null,
      });
    }
    if (allowsSomewhere(actor, "person:read")) {
      for (const person of await db.people.listPeople()) {
        if (!fits(person.name, person.email)) continue;
        items.push({ kind: "person", id: person.id, title: person.name, subtitle: person.email, href: "/settings/people", releaseState: null });
      }
    }
    return { items: items.slice(0, MOST), more: items.length > MOST };
  },
});
