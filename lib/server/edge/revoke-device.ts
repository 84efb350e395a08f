import { z } from "zod";
import { deviceName, deviceUpdateReasonBody } from "#lib/contracts/edge.ts";
import { command } from "../command.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

/**
 * A device's calls are refused from now on, for good. It goes on serving what it has: what it does not get any more is another version, and what it
 * counts is not taken.
 */
export const revokeDevice = command({
  name: "revoke-device",
  permission: "device:manage",
  input: deviceUpdateReasonBody.extend({ endpoint: z.string().max(64), device: deviceName }),
  async locate({ tx, input }) {
    const located = await locateEndpoint(tx, { name: input.endpoint });
    const device = await tx.devices.getDevice(located.endpoint.id, input.device);
    return { ...located, device, targets: [{ type: "device", id: device.id, name: device.name, digest: null }, ...located.targets] };
  },
  async run({ tx, actor, input, now, located: { device, targets } }) {
    await tx.devices.revokeDevice(device.id, { at: now, name: actor.name });
    return {
      result: { device: device.name, revokedAt: now.toISOString() },
      audit: { action: "device.revoked", targets, reason: input.reason, before: { revokedAt: null }, after: { revokedAt: now.toISOString(), publicKey: device.publicKey } },
    };
  },
});
