import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { z } from "zod";
import { readFileIfThere, replaceFile } from "../storage/durable-file.ts";

/** Who this device is. The private key was made here and is in no other place. */
export type DeviceIdentity = {
  /** What enrolment gave; null before. */
  readonly joined: Joined | null;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  sign(text: string): Buffer;
  /** Keeps what enrolment gave; the identity with it. */
  keep(joined: Joined): Promise<DeviceIdentity>;
};

const joinedDevice = z.object({ deviceId: z.uuid(), endpointId: z.uuid(), endpoint: z.string(), verifierKey: z.string() });
export type Joined = z.output<typeof joinedDevice>;

const identityFile = z.object({ format: z.literal(1), privateKey: z.string(), joined: joinedDevice.nullable() });

function identityOf(file: string, key: KeyObject, joined: Joined | null): DeviceIdentity {
  const write = (now: Joined | null): Promise<void> =>
    replaceFile(file, JSON.stringify({ format: 1, privateKey: key.export({ type: "pkcs8", format: "pem" }), joined: now }));
  return {
    joined,
    publicKey: createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64"),
    sign: (text) => sign(null, Buffer.from(text, "utf8"), key),
    async keep(now) {
      await write(now);
      return identityOf(file, key, now);
    },
  };
}

/**
 * Reads the device's identity, or makes its key and keeps it before anybody is told of it: a power cut during enrolment
 * must not leave a device that the control plane knows by a key that is gone.
 */
export async function openIdentity(file: string): Promise<DeviceIdentity> {
  const text = await readFileIfThere(file);
  if (text !== null) {
    const { privateKey, joined } = identityFile.parse(JSON.parse(text));
    return identityOf(file, createPrivateKey(privateKey), joined);
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  await replaceFile(file, JSON.stringify({ format: 1, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }), joined: null }));
  return identityOf(file, privateKey, null);
}
