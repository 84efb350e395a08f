import { parse } from "yaml";
import { z } from "zod";
import { environmentPolicy } from "#lib/contracts/environment-policy.ts";
import { createEndpointBody, createModelBody, slug } from "#lib/contracts/registry-api.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";

/** What slipway.yaml may say: models, environments with their policies, endpoints. What it does not name is left alone. */
const document = z.strictObject({
  models: z.array(createModelBody).max(1000).default([]),
  environments: z.array(z.strictObject({ name: slug, policy: environmentPolicy.partial().optional() })).max(100).default([]),
  endpoints: z.array(createEndpointBody).max(1000).default([]),
});
export type Desired = z.output<typeof document>;

/** Reads the text of a slipway.yaml. Throws with every place that is wrong. */
export function parseDesired(text: string): Desired {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new CliProblem(`Not YAML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`, EXIT.usage);
  }
  const parsed = document.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new CliProblem(parsed.error.issues.map(({ path, message }) => `  /${path.join("/")}  ${message}`).join("\n"), EXIT.usage);
}
