/** Names as MLflow has them, and what ours make of them. */

/** Why MLflow would refuse this name; null when it is good. */
export function modelNameProblem(name: string): string | null {
  if (name.trim() === "") return "Registered model name cannot be empty.";
  if (/[/:]/.test(name)) return `Invalid model name: '${name}'. Model name cannot contain '/' or ':'.`;
  return name.length > 256 ? "A model name has at most 256 characters." : null;
}

/** Why MLflow would refuse this alias; null when it is good. */
export function aliasProblem(alias: string): string | null {
  if (alias === "") return "Registered model alias name cannot be empty.";
  if (!/^[\w-]{1,255}$/.test(alias)) return `Invalid alias name: '${alias}'. Use letters, digits, underscores and hyphens.`;
  if (alias.toLowerCase() === "latest") return "'latest' alias name (case insensitive) is reserved.";
  return /^v\d+$/i.test(alias) ? "Version aliases like 'v9' are reserved." : null;
}

/** The name a model gets here: small letters, digits and hyphens, at most 55 characters so that a number fits behind it. */
export function slugFor(name: string): string {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 55)
    .replace(/-+$/, "");
  return slug === "" ? "model" : slug;
}

/** The alias that means "what serves", beside those named like an environment. */
const CHAMPION = "champion";
const PRODUCTION = "production";

export type ServingEndpoint = { readonly name: string; readonly environment: string; readonly stableVersionId: string | null };

/** Does an alias of this name say what serves somewhere? Then it moves by a release and by nothing else. */
export const isGovernedAlias = (alias: string, environments: readonly string[]): boolean =>
  alias === CHAMPION || alias === PRODUCTION || environments.includes(alias);

/**
 * The endpoint that a governed alias stands for: in the environment of that name, for `champion` in production or else the only one there is.
 * Of several in one environment the one named like the model, else the first. Null when there is none.
 */
export function endpointOfAlias<E extends ServingEndpoint>(alias: string, modelName: string, endpoints: readonly E[]): E | null {
  const environment = alias === CHAMPION ? PRODUCTION : alias;
  const here = endpoints.filter((endpoint) => endpoint.environment === environment);
  const candidates = here.length === 0 && alias === CHAMPION && endpoints.length === 1 ? endpoints : here;
  return candidates.find(({ name }) => name === modelName) ?? candidates[0] ?? null;
}

/** Governed aliases of a model with the version each names now. */
export function servedAliases(modelName: string, endpoints: readonly ServingEndpoint[]): { readonly alias: string; readonly versionId: string }[] {
  const names = [...new Set([...endpoints.map(({ environment }) => environment), CHAMPION])];
  return names.flatMap((alias) => {
    const versionId = endpointOfAlias(alias, modelName, endpoints)?.stableVersionId ?? null;
    return versionId === null ? [] : [{ alias, versionId }];
  });
}
