import { z } from "zod";
import { saveRuntimeConfigurationBody } from "#lib/contracts/runtime-configuration.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import { query } from "../read.ts";

/** The parts of two configurations that differ, for the trail. */
function changedParts(before: RuntimeConfiguration, after: RuntimeConfiguration) {
  const parts = (["limits", "batching", "hosts", "environment", "scaling"] as const).filter(
    (part) => contentDigest(asJson(before[part])) !== contentDigest(asJson(after[part])),
  );
  const of = (configuration: RuntimeConfiguration): JsonObject => Object.fromEntries(parts.map((part) => [part, asJson(configuration[part])]));
  return { isSame: parts.length === 0, before: of(before), after: of(after) };
}

/** Another runtime configuration for an endpoint, as a whole. Runtimes take up limits at once and load its versions anew beside the old where hosts, batching or libraries change. */
export const saveRuntimeConfiguration = command({
  name: "save-runtime-configuration",
  permission: "endpoint:edit",
  input: saveRuntimeConfigurationBody.extend({ endpoint: z.string().max(128), expectedNumber: z.number().int().nonnegative().nullable() }),
  async locate({ tx, input }) {
    const endpoint = await tx.endpoints.getEndpoint({ name: input.endpoint });
    return {
      environmentId: endpoint.environment.id,
      targets: [
        { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
        { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
        { type: "model", id: endpoint.modelId, name: endpoint.modelName, digest: null },
      ],
      endpoint,
    };
  },
  async run({ tx, actor, input, located: { endpoint, targets } }) {
    if (endpoint.pattern !== "online")
      throw new AppError("conflict", `${endpoint.name} answers no requests, so there is nothing to configure.`, { hint: "Batch jobs have settings of their own." });
    if (actor.userId === null) throw new AppError("forbidden", "Only a person can do this.");
    const seen = await tx.runtimeConfigurations.configurationOf(endpoint.id);
    if (input.expectedNumber !== null && input.expectedNumber !== seen.number)
      throw new AppError("stale_version", "The runtime configuration was changed in the meantime.", { hint: "Look again and decide again." });
    const parts = changedParts(seen.configuration, input.configuration);
    if (parts.isSame) return unchanged({ number: seen.number, digest: seen.digest });
    const { configuration, reason } = input;
    const change = { id: newId(), endpointId: endpoint.id, configuration, reason, createdById: actor.userId };
    const { number, digest } = await tx.runtimeConfigurations.appendConfiguration(change, seen);
    await tx.desired.bumpDesiredRevision();
    return {
      result: { number, digest },
      notify: ["desired-state"],
      audit: {
        action: "endpoint.runtime_configured",
        targets: [...targets, { type: "runtime_configuration", id: change.id, name: `${endpoint.name} ${String(number)}`, digest }],
        before: { digest: seen.digest, ...parts.before },
        after: { digest, ...parts.after },
        reason,
      },
    };
  },
});

/** The runtime configuration in force, with its digest. */
export const readRuntimeConfiguration = query({
  name: "read-runtime-configuration",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ endpoint: z.string().max(128) }),
  async run({ db, input, authorise }) {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise({ environmentId: endpoint.environment.id, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }] });
    const { configuration, digest, number } = await db.runtimeConfigurations.configurationOf(endpoint.id);
    return { configuration, digest, number };
  },
});
