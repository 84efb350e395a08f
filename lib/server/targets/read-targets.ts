import { z } from "zod";
import type { TargetsView } from "#lib/contracts/views/target-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { TARGET_FACTS } from "#lib/domain/serving/target-kinds.ts";
import { query } from "../read.ts";
import { actFor, actIn, BUILDERS, closed } from "../registry/views/open-acts.ts";

/** Every target of the environments that this viewer may see, with what was put on it and what it says. */
export const readTargets = query({
  name: "read-targets",
  permission: "endpoint:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<TargetsView> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const environments = new Map((await db.endpoints.listEnvironments()).map(({ id, name }) => [id, name]));
    const bindings = await db.targets.listBindings();
    const versions = await Promise.all(bindings.map(({ versionId }) => db.models.getVersionById(versionId)));
    const places = await db.targets.endpointsOfVersions(bindings.map(({ versionId }) => versionId));
    const targets = (await db.targets.listTargets()).filter(({ environmentId }) => allowed === "all" || allowed.includes(environmentId));
    return {
      asOf: now.toISOString(),
      environments: [...environments.values()],
      targets: targets.map(({ id, name, environmentId, kind, url, managementUrl, timeoutMs, sealedHeaders, isIsolated, createdBy, createdAt }) => ({
        id, name, kind, url, managementUrl, timeoutMs, isIsolated, createdBy,
        environmentName: environments.get(environmentId) ?? "",
        hasCredentials: sealedHeaders !== null,
        createdAt: createdAt.toISOString(),
        bindings: bindings.flatMap((binding, index) => {
          const version = versions[index];
          if (binding.target.id !== id || version === undefined) return [];
          const { remoteModel, remoteVersion, boundBy, served, drift, driftProblem } = binding;
          const mayRestore =
            TARGET_FACTS[kind].restore === "none"
              ? closed("This kind of server cannot be told what to serve.")
              : drift === "missing" || drift === "foreign"
                ? actIn(actor, "release:rollback", environmentId, `${BUILDERS} and administrators`)
                : closed("There is nothing to put back.");
          return [
            {
              id: binding.id,
              modelName: version.modelName,
              versionName: version.name,
              remoteModel, remoteVersion, boundBy, drift, driftProblem,
              endpoints: places.get(version.id) ?? [],
              boundAt: binding.boundAt.toISOString(),
              readAt: binding.readAt?.toISOString() ?? null,
              served: served === null ? null : [...served],
              driftSince: binding.driftSince?.toISOString() ?? null,
              mayRestore,
            },
          ];
        }),
      })),
      mayCreate: actFor(actor, "runtime:manage", "administrators"),
      mayBind: actFor(actor, "endpoint:edit", `${BUILDERS} and administrators`),
    };
  },
});
