import { type EnvironmentPolicy, environmentPolicy, productionPolicy } from "#lib/contracts/environment-policy.ts";
import type { CreateEndpointBody, CreateModelBody } from "#lib/contracts/registry-api.ts";
import type { Desired } from "./desired.ts";

/** What the server has, as far as a slipway.yaml speaks of it. */
export type Present = {
  readonly models: readonly { readonly name: string; readonly intendedUse: string; readonly riskTier: string }[];
  readonly environments: readonly { readonly name: string; readonly policy: unknown }[];
  readonly endpoints: readonly { readonly name: string; readonly environment: string; readonly model: string; readonly stableVersion: string | null }[];
};

export type Change =
  | { readonly kind: "create-model"; readonly name: string; readonly body: CreateModelBody }
  | { readonly kind: "create-environment"; readonly name: string; readonly policy: EnvironmentPolicy }
  | { readonly kind: "change-policy"; readonly name: string; readonly policy: EnvironmentPolicy; readonly lines: readonly string[] }
  | { readonly kind: "create-endpoint"; readonly name: string; readonly body: CreateEndpointBody }
  | { readonly kind: "release"; readonly name: string; readonly from: string | null; readonly version: string }
  /** A difference that nothing here can make go away. */
  | { readonly kind: "fixed"; readonly name: string; readonly say: string };

const lines = (before: EnvironmentPolicy, after: EnvironmentPolicy): string[] =>
  Object.entries(after).flatMap(([key, value]) => {
    const old: unknown = Reflect.get(before, key);
    return JSON.stringify(old) === JSON.stringify(value) ? [] : [`${key}: ${JSON.stringify(old)} -> ${JSON.stringify(value)}`];
  });

/** What must be done so that the server is as the document says, in the order in which it can be done. Nothing when it is so already. */
export function planChanges(desired: Desired, present: Present): Change[] {
  const models = desired.models.flatMap((body): Change[] => {
    const found = present.models.find(({ name }) => name === body.name);
    if (found === undefined) return [{ kind: "create-model", name: body.name, body }];
    const fixed = (["intendedUse", "riskTier"] as const).filter((key) => found[key] !== body[key]);
    return fixed.map((key) => ({ kind: "fixed", name: body.name, say: `model ${body.name}: ${key} is ${JSON.stringify(found[key])} and cannot be changed here` }));
  });
  const environments = desired.environments.flatMap(({ name, policy }): Change[] => {
    const found = present.environments.find((one) => one.name === name);
    if (found === undefined) return [{ kind: "create-environment", name, policy: environmentPolicy.parse({ ...productionPolicy, ...policy }) }];
    const before = environmentPolicy.parse(found.policy);
    const after = environmentPolicy.parse({ ...before, ...policy });
    const changed = lines(before, after);
    return changed.length === 0 ? [] : [{ kind: "change-policy", name, policy: after, lines: changed }];
  });
  const endpoints = desired.endpoints.flatMap((body): Change[] => {
    const found = present.endpoints.find(({ name }) => name === body.name);
    if (found === undefined) return [{ kind: "create-endpoint", name: body.name, body }];
    if (found.model !== body.model || found.environment !== body.environment) {
      return [{ kind: "fixed", name: body.name, say: `endpoint ${body.name} serves ${found.model} in ${found.environment}, which never changes` }];
    }
    return found.stableVersion === body.version ? [] : [{ kind: "release", name: body.name, from: found.stableVersion, version: body.version }];
  });
  return [...models, ...environments, ...endpoints];
}

/** One change as lines for people: + makes, ~ changes, ! cannot be done here. */
export function changeLines(change: Change): string[] {
  switch (change.kind) {
    case "create-model":
      return [`+ model ${change.name} (${change.body.riskTier} risk)`];
    case "create-environment":
      return [`+ environment ${change.name}`];
    case "change-policy":
      return [`~ environment ${change.name}`, ...change.lines.map((line) => `    ${line}`)];
    case "create-endpoint":
      return [`+ endpoint ${change.name} in ${change.body.environment}, serving ${change.body.model} ${change.body.version}`];
    case "release":
      return [`~ endpoint ${change.name}: ${change.from ?? "nothing"} -> ${change.version}, by a release under the environment's policy`];
    case "fixed":
      return [`! ${change.say}`];
  }
}
