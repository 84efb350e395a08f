import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { createDeviceCodeBody, enrolDeviceBody } from "#lib/contracts/edge.ts";
import { deviceBucket } from "#lib/domain/edge/rings.ts";
import { AppError } from "#lib/domain/errors.ts";
import { newLinkSecret, secretHash } from "../auth/secrets.ts";
import { endpointTargets, locateEndpoint } from "../serving/locate-endpoint.ts";
import { command, unchanged } from "../command.ts";
import { newId } from "../new-id.ts";

/** An Ed25519 key from its base64 SubjectPublicKeyInfo; null for anything else. */
export function devicePublicKey(base64: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}

/** A code with which one device may join an endpoint, shown once. Only its hash is kept. */
export const createDeviceCode = command({
  name: "create-device-code",
  permission: "device:manage",
  input: createDeviceCodeBody,
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    if (endpoint.pattern !== "edge")
      throw new AppError("conflict", `${endpoint.name} is not served on devices.`, { hint: "Create an endpoint of the pattern edge." });
    const [id, code] = [newId(), newLinkSecret()];
    const expiresAt = new Date(now.getTime() + input.validMinutes * 60_000);
    await tx.devices.insertDeviceCode({ id, endpointId: endpoint.id, codeHash: secretHash(code), createdBy: actor.name, expiresAt });
    return {
      result: { code, expiresAt: expiresAt.toISOString() },
      audit: { action: "device.code_created", targets: [...targets], after: { codeId: id, expiresAt: expiresAt.toISOString() } },
    };
  },
});

const noGood = (): AppError =>
  new AppError("not_authenticated", "The code is unknown, used or expired.", { hint: "Ask for a new one: it lets one device join, once." });

/** A device joins with its code and a key it made itself; its signature over the code shows that it holds the private half. */
export const enrolDevice = command({
  name: "enrol-device",
  permission: "device:enrol",
  input: enrolDeviceBody,
  async run({ tx, input, now }) {
    const { name, hardware, publicKey } = input;
    const key = devicePublicKey(publicKey);
    if (key === null || !verify(null, Buffer.from(input.code, "utf8"), key, Buffer.from(input.signature, "base64")))
      throw new AppError("invalid_input", "The signature over the code is not by this key.", { errors: [{ pointer: "/signature", message: "It does not verify." }] });
    const codeHash = secretHash(input.code);
    // The answer was lost on its way: whoever holds the key that joined with this code is told again what it was told then.
    const known = await tx.devices.deviceOfCode({ codeHash, name, publicKey });
    if (known !== null) return unchanged({ deviceId: known.id, endpointId: known.endpointId, endpoint: (await tx.endpoints.getEndpoint({ id: known.endpointId })).name });
    const used = await tx.devices.useDeviceCode(codeHash, now);
    if (used === null) throw noGood();
    const endpoint = await tx.endpoints.getEndpoint({ id: used.endpointId });
    if (await tx.devices.isDeviceKnown({ endpointId: endpoint.id, name, publicKey }))
      throw new AppError("already_exists", `${endpoint.name} has a device named ${name} already, or one with this key.`, { errors: [{ pointer: "/name", message: "Taken." }] });
    const id = newId();
    await tx.devices.insertDevice({ id, endpointId: endpoint.id, name, publicKey, hardware, bucket: deviceBucket(endpoint.id, id) });
    return {
      result: { deviceId: id, endpointId: endpoint.id, endpoint: endpoint.name },
      audit: {
        action: "device.enrolled",
        targets: [{ type: "device", id, name, digest: null }, ...endpointTargets(endpoint)],
        after: { hardware, publicKey, codeId: used.id },
      },
    };
  },
});
