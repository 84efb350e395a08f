import { z } from "zod";
import { saveRuntimeConfigurationBody } from "#lib/contracts/runtime-configuration.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { endLoadTestEvidence } from "../load-tests/end-load-test-evidence.ts";
import { rebindRelease } from "../releases/rebind-release.ts";
import { locateEndpoint } from "./locate-endpoint.ts";
import { requireSeen } from "./require-seen.ts";

/** The parts of two configurations that differ, for the trail. */
function changedParts(before: RuntimeConfiguration, after: RuntimeConfiguration) {
  const parts = (["limits", "batching", "hosts", "environment", "scaling"] as const).filter(
    (part) => contentDigest(asJson(before[part])) !== contentDigest(asJson(after[part])),
  );
  const of = (configuration: RuntimeConfiguration): JsonObject => Object.fromEntries(parts.map((part) => [part, asJson(configuration[part])]));
  return { isSame: parts.length === 0, before: of(before), after: of(after) };
}

/** A release that was approved, or waits for approval, was read with the configuration before. */
async function voidSigned(tx: UnitOfWork, endpointId: string): Promise<AuditDraft[]> {
  const open = await tx.releases.openReleaseOf(endpointId);
  if (open === null) return [];
  const rebound = await rebindRelease(tx, await tx.releases.lockRelease({ id: open.release.id }), "configuration");
  return rebound === null ? [] : [rebound];
}

/** Another runtime configuration for an endpoint, as a whole. Runtimes take up limits at once and load its versions anew beside the old where hosts, batching or libraries change. */
export const saveRuntimeConfiguration = command({
  name: "save-runtime-configuration",
  permission: "endpoint:edit",
  input: saveRuntimeConfigurationBody.extend({ endpoint: z.string().max(128), expectedNumber: z.number().int().nonnegative().nullable() }),
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    if (endpoint.pattern !== "online")
      throw new AppError("conflict", `${endpoint.name} answers no requests, so there is nothing to configure.`, { hint: "Batch jobs have settings of their own." });
    if (actor.userId === null) throw new AppError("forbidden", "Only a person can do this.");
    const seen = await tx.runtimeConfigurations.configurationOf(endpoint.id);
    requireSeen(input.expectedNumber, seen.number, "runtime configuration");
    const parts = changedParts(seen.configuration, input.configuration);
    if (parts.isSame) return unchanged({ number: seen.number, digest: seen.digest });
    const { configuration, reason } = input;
    const change = { id: newId(), endpointId: endpoint.id, configuration, reason, createdById: actor.userId };
    const { number, digest } = await tx.runtimeConfigurations.appendConfiguration(change, seen);
    await tx.desired.bumpDesiredRevision();
    const configured = {
      action: "endpoint.runtime_configured",
      targets: [...targets, { type: "runtime_configuration", id: change.id, name: `${endpoint.name} ${String(number)}`, digest }],
      before: { digest: seen.digest, ...parts.before },
      after: { digest, ...parts.after },
      reason,
    } as const;
    return { result: { number, digest }, notify: ["desired-state"], audit: [configured, ...(await voidSigned(tx, endpoint.id)), ...(await endLoadTestEvidence(tx, endpoint, digest, now))] };
  },
});
