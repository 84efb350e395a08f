import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import type { ConfigurationChangeView, RuntimeConfigurationView } from "#lib/contracts/views/runtime-configuration-view.ts";
import { configurationDifferences, configurationLines } from "#lib/domain/serving/configuration-lines.ts";
import { DEFAULT_RUNTIME_CONFIGURATION } from "#lib/domain/serving/runtime-configuration.ts";
import { query } from "../read.ts";
import type { ReadModels } from "../ports.ts";
import { actIn, BUILDERS, closed } from "../registry/views/open-acts.ts";
import { locateEndpoint } from "./locate-endpoint.ts";

const SHOWN = 20;

/** The newest changes, each against the one before it. */
async function historyOf(db: ReadModels, endpointId: string): Promise<ConfigurationChangeView[]> {
  const changes = await db.runtimeConfigurations.configurationHistory(endpointId, SHOWN + 1);
  const names = await Promise.all(changes.map(async ({ createdById }) => (await db.people.findPerson(createdById))?.name ?? "a person who is gone"));
  return changes.slice(0, SHOWN).map(({ number, digest, reason, createdAt, configuration }, at) => ({
    number,
    digest,
    reason,
    by: names[at] ?? "",
    at: createdAt.toISOString(),
    differences: configurationDifferences(changes[at + 1]?.configuration ?? DEFAULT_RUNTIME_CONFIGURATION, configuration),
  }));
}

async function voidedBy(db: ReadModels, endpointId: string): Promise<RuntimeConfigurationView["voids"]> {
  const open = await db.releases.openReleaseOf(endpointId);
  if (open === null || (open.release.state !== "PENDING_APPROVAL" && open.release.state !== "APPROVED")) return null;
  const approvals = (await db.releases.approvalsOf(open.release.id)).filter(({ voidedAt, decision }) => voidedAt === null && decision === "approved").length;
  return { releaseNumber: open.number, approvals };
}

/** The runtime configuration in force, with its digest, what it was before, and what a change would void. */
export const readRuntimeConfiguration = query({
  name: "read-runtime-configuration",
  permission: "endpoint:read",
  of: "one",
  input: z.strictObject({ endpoint: slug }),
  async run({ db, actor, input, now, authorise }): Promise<RuntimeConfigurationView> {
    const { endpoint, ...place } = await locateEndpoint(db, { name: input.endpoint });
    authorise(place);
    const { configuration, digest, number } = await db.runtimeConfigurations.configurationOf(endpoint.id);
    return {
      asOf: now.toISOString(),
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      configuration,
      digest,
      number,
      lines: configurationLines(configuration),
      history: await historyOf(db, endpoint.id),
      voids: await voidedBy(db, endpoint.id),
      mayEdit:
        endpoint.pattern === "online"
          ? actIn(actor, "endpoint:edit", endpoint.environment.id, `${BUILDERS} and administrators`)
          : closed("It answers no requests, so there is nothing to configure. Batch jobs have settings of their own."),
    };
  },
});
