import { registerRuntimeRequest } from "#lib/contracts/runtime-protocol.ts";
import { command } from "../command.ts";
import { asJson } from "../content-digest.ts";
import { newId } from "../new-id.ts";

const HEARTBEAT_SECONDS = 5;

/** A runtime says who it is, at each of its starts. */
export const registerRuntime = command({
  name: "register-runtime",
  permission: "runtime:serve",
  input: registerRuntimeRequest,
  async run({ tx, actor, input, now }) {
    const tokenId = actor.type === "runtime" ? actor.id : null;
    const { id, isNew } = await tx.runtimes.upsertRuntime(newId(), input, tokenId);
    return {
      result: { runtimeId: id, heartbeatSeconds: HEARTBEAT_SECONDS, databaseTime: now.toISOString() },
      audit: {
        action: isNew ? "runtime.registered" : "runtime.rejoined",
        targets: [{ type: "runtime", id, name: input.name, digest: null }],
        after: { bootId: input.bootId, slipwayVersion: input.slipwayVersion, cpuCount: input.cpuCount, httpUrl: input.httpUrl, environment: input.environment === undefined ? null : asJson(input.environment) },
      },
    };
  },
});
