import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { z } from "zod";
import { readFileIfThere, replaceFile } from "../storage/durable-file.ts";

/** Who this device is. The private key was made here and is in no other place. */
export type DeviceIdentity = {
  /** What enrolment gave; null before. */
  readonly joined: Joined | null;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  sign(text: string): Buffer;
  /** Keeps what enrolment gave, and by which code; the identity with it. */
  keep(joined: Joined, code: string): Promise<DeviceIdentity>;
  /** Whether it joined with this code: it is then good for nothing more. */
  joinedWith(code: string): boolean;
  /** Another key in place of this one, which the control plane takes nothing from any more. It has not joined yet. */
  renew(): Promise<DeviceIdentity>;
};

const hashOf = (code: string): string => createHash("sha256").update(code).digest("hex");

const joinedDevice = z.object({ deviceId: z.uuid(), endpointId: z.uuid(), endpoint: z.string(), verifierKey: z.string() });
export type Joined = z.output<typeof joinedDevice>;

const identityFile = z.object({ format: z.literal(1), privateKey: z.string(), joined: joinedDevice.nullable(), codeHash: z.string().optional() });

function identityOf(file: string, key: KeyObject, joined: Joined | null, codeHash?: string): DeviceIdentity {
  return {
    joined,
    publicKey: createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64"),
    sign: (text) => sign(null, Buffer.from(text, "utf8"), key),
    joinedWith: (code) => codeHash === hashOf(code),
    async keep(now, code) {
      await replaceFile(file, JSON.stringify({ format: 1, privateKey: pemOf(key), joined: now, codeHash: hashOf(code) }));
      return identityOf(file, key, now, hashOf(code));
    },
    renew: () => newIdentity(file),
  };
}

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/**
 * Makes a key and keeps it before anybody is told of it: a power cut during enrolment must not leave a device that the control plane knows by a key
 * that is gone.
 */
async function newIdentity(file: string): Promise<DeviceIdentity> {
  const { privateKey } = generateKeyPairSync("ed25519");
  await replaceFile(file, JSON.stringify({ format: 1, privateKey: pemOf(privateKey), joined: null }));
  return identityOf(file, privateKey, null);
}

/** Reads the device's identity, or makes one. */
export async function openIdentity(file: string): Promise<DeviceIdentity> {
  const text = await readFileIfThere(file);
  if (text === null) return newIdentity(file);
  const { privateKey, joined, codeHash } = identityFile.parse(JSON.parse(text));
  return identityOf(file, createPrivateKey(privateKey), joined, codeHash);
}
