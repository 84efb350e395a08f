import { z } from "zod";
import { serviceLevelBody } from "#lib/contracts/service-level.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { locateEndpoint } from "./locate-endpoint.ts";
import { requireSeen } from "./require-seen.ts";

/** What is promised of an endpoint, how it is scaled and what it costs, as a whole and with a reason. */
export const saveServiceLevel = command({
  name: "save-service-level",
  permission: "alert:edit_rules",
  input: serviceLevelBody.extend({ endpoint: z.string().max(128), expectedRowVersion: z.number().int().nonnegative().nullable() }),
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, located: { endpoint, targets } }) {
    const { objectives, scaling, prices } = input;
    const next = { objectives, scaling, prices };
    const seen = await tx.serviceLevels.findServiceLevel(endpoint.id);
    requireSeen(input.expectedRowVersion, seen?.rowVersion ?? 0, "service level");
    const before = seen === null ? null : { objectives: seen.objectives, scaling: seen.scaling, prices: seen.prices };
    if (before !== null && contentDigest(asJson(before)) === contentDigest(asJson(next))) return unchanged({ rowVersion: seen?.rowVersion ?? 0 });
    const rowVersion = await tx.serviceLevels.saveServiceLevel(endpoint.id, next, seen?.rowVersion ?? null, actor.name);
    return {
      result: { rowVersion },
      notify: [`monitoring:${endpoint.id}`],
      audit: { action: "endpoint.service_level_changed", targets, before: before === null ? null : { level: asJson(before) }, after: { level: asJson(next) }, reason: input.reason },
    };
  },
});
