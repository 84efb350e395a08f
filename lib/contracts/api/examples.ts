import { productionPolicy } from "#lib/contracts/environment-policy.ts";
import { operationsByArea } from "./operations.ts";

/** What the reader has, for examples that can be copied and run as they are. */
export type ExampleNames = {
  readonly url: string;
  readonly model: string;
  readonly version: string;
  readonly endpoint: string;
  readonly environment: string;
  /** Number of a release. */
  readonly release: string;
  readonly eventSeq: string;
};

export type Example = {
  readonly operation: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** One request for each operation that a program calls, in an order in which they can be carried out one after the other. A test does. */
export const apiExamples = (names: ExampleNames): readonly Example[] => [
  { operation: "getSession" },
  { operation: "listModels" },
  { operation: "createModel", body: { name: "churn-risk", intendedUse: "Ranks customers by how likely they are to leave.", riskTier: "medium" } },
  { operation: "getModel", params: { model: names.model } },
  { operation: "listEnvironments" },
  { operation: "createEnvironment", body: { name: "rehearsal" } },
  { operation: "changeEnvironmentPolicy", params: { environment: "rehearsal" }, body: { policy: { ...productionPolicy, approvalsRequired: 2 }, reason: "Two people sign from now on." } },
  { operation: "listEndpoints" },
  { operation: "getEndpoint", params: { endpoint: names.endpoint } },
  { operation: "dryRunRelease", body: { endpoint: names.endpoint, version: names.version } },
  { operation: "createRelease", body: { endpoint: names.endpoint, version: names.version, submit: false, reason: "Better on the newest quarter." } },
  { operation: "listReleases" },
  { operation: "getRelease", params: { releaseId: names.release } },
  { operation: "listAuditEvents", query: { limit: "20" } },
  { operation: "listCheckpoints" },
  { operation: "proveAuditEvent", params: { seq: names.eventSeq } },
  { operation: "listTokens" },
  { operation: "listPeople" },
  { operation: "invitePerson", body: { email: "ada@example.com", name: "Ada Example", roles: [{ role: "engineer", environment: null }] } },
  { operation: "listServiceAccounts" },
  { operation: "createServiceAccount", body: { name: "Training pipeline", roles: [{ role: "engineer" }] } },
  { operation: "listProblems" },
  { operation: "getOpenApi" },
];

const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;

/** The example of an operation as a command for the shell; null when it has none. The token comes from the environment. */
export function apiExample(operationName: string, names: ExampleNames): string | null {
  const example = apiExamples(names).find(({ operation }) => operation === operationName);
  const operation = Object.values(operationsByArea).flat().find(({ name }) => name === operationName);
  if (example === undefined || operation === undefined) return null;
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_whole, name: string) => encodeURIComponent(example.params?.[name] ?? name));
  const query = new URLSearchParams(example.query ?? {}).toString();
  const lines = [`curl ${operation.method === "GET" ? "" : `--request ${operation.method} `}${quoted(`${names.url}${path}${query === "" ? "" : `?${query}`}`)}`];
  if (operation.permission !== "anyone") lines.push('--header "Authorization: Bearer $SLIPWAY_TOKEN"');
  if (example.body !== undefined) lines.push("--header 'Content-Type: application/json'", `--data ${quoted(JSON.stringify(example.body))}`);
  return lines.join(" \\\n  ");
}
