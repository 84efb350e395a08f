import { z } from "zod";
import type { AssurancePlace, AssuranceView } from "#lib/contracts/views/assurance-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { query } from "../../read.ts";
import { type Requirement, requirementsOf } from "../../releases/open-requirements.ts";
import { placesOn } from "./place-views.ts";

function placeOf(environmentName: string, requirements: readonly Requirement[]): AssurancePlace {
  return {
    environmentName,
    asked: requirements.length,
    met: requirements.filter(({ state }) => state === "met").length,
    waived: requirements.filter(({ state }) => state === "waived").length,
    open: requirements.flatMap(({ kind, title, state, note }) =>
      state === "met" || state === "waived" ? [] : [{ kind, title, state, note }],
    ),
  };
}

/** What each environment still asks of the newest version of each model and of what is live. Only environments this person may see. */
export const readAssurance = query({
  name: "read-assurance",
  permission: "evidence:read",
  of: "many",
  input: z.strictObject({ environment: z.string().max(64).nullable().default(null) }),
  async run({ db, actor, input, now }): Promise<AssuranceView> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const sees = (environment: { readonly id: string; readonly name: string }) =>
      (allowed === "all" || allowed.includes(environment.id)) &&
      (input.environment === null || environment.name === input.environment);
    const environments = [];
    for (const { id, name, policy } of (await db.endpoints.listEnvironments()).filter(sees)) {
      environments.push({ id, name, policy, waivers: await db.evidence.waiversInForce(id, now) });
    }
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => sees(environment));
    const live = (await placesOn(db, endpoints)).filter(({ weightBp }) => weightBp > 0);
    const models = [];
    for (const model of await db.models.listModels()) {
      const versions = [];
      for (const [index, version] of (await db.models.listVersions(model.id)).entries()) {
        const liveIn = live.filter(({ versionId }) => versionId === version.id).map(({ environmentName }) => environmentName);
        if (index > 0 && liveIn.length === 0) continue;
        const evidence = await db.evidence.evidenceOf("version", version.id);
        versions.push({
          versionName: version.name,
          quarantined: version.state === "quarantined",
          liveIn: [...new Set(liveIn)],
          isNewest: index === 0,
          places: environments.map(({ name, policy, waivers }) => placeOf(name, requirementsOf(policy, evidence, waivers, now))),
        });
      }
      const { name, riskTier, intendedUse, demo } = model;
      models.push({ name, riskTier, intendedUse, demo, versions });
    }
    return { asOf: now.toISOString(), models };
  },
});
