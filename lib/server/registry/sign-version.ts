import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { signatureBody } from "#lib/contracts/api/artifact-operations.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import type { SignatureRecord } from "../db/scan-repository.ts";
import { newId } from "../new-id.ts";

/** An Ed25519 public key from PEM or from base64 of its SubjectPublicKeyInfo. */
function publicKeyOf(written: string): KeyObject {
  try {
    const key = written.includes("BEGIN") ? createPublicKey(written) : createPublicKey({ key: Buffer.from(written, "base64"), format: "der", type: "spki" });
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below, as for a key of another kind.
  }
  throw new AppError("invalid_input", "The public key is not an Ed25519 key in PEM or base64 SPKI.", {
    errors: [{ pointer: "/publicKey", message: "Not an Ed25519 public key." }],
    hint: "openssl pkey -in key.pem -pubout",
  });
}

/** The signature covers the version's digest as text, `sha256:` and 64 hexadecimal digits, without a line break. */
export function isSignatureValid(digest: string, { publicKey, signature }: Pick<SignatureRecord, "publicKey" | "signature">): boolean {
  return verify(null, Buffer.from(digest, "utf8"), publicKeyOf(publicKey), Buffer.from(signature, "base64"));
}

/** Keeps a detached signature over a version's digest, once it has been verified. One for each key. */
export const signVersion = command({
  name: "sign-version",
  permission: "version:sign",
  input: signatureBody.extend({ model: slug, version: versionName }),
  async run({ tx, actor, input }) {
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    const spki = publicKeyOf(input.publicKey).export({ type: "spki", format: "der" });
    const record = { id: newId(), versionId: version.id, keyId: createHash("sha256").update(spki).digest("hex"), publicKey: spki.toString("base64"), signature: input.signature, addedById: actor.userId };
    if (!isSignatureValid(version.digest, record)) {
      throw new AppError("invalid_input", `The signature is not one over ${version.digest} by this key.`, {
        errors: [{ pointer: "/signature", message: "It does not verify." }],
        hint: `printf %s ${version.digest} > digest && openssl pkeyutl -sign -rawin -in digest -inkey key.pem | base64 -w0`,
      });
    }
    if ((await tx.scans.signaturesOf(version.id)).some(({ keyId }) => keyId === record.keyId)) {
      throw new AppError("already_exists", "This key has signed the version already.");
    }
    await tx.scans.insertSignature(record);
    return {
      result: { keyId: record.keyId, digest: version.digest },
      audit: {
        action: "version.signed",
        targets: [
          { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
          { type: "model", id: model.id, name: model.name, digest: null },
        ],
        after: { keyId: record.keyId, signature: record.signature, publicKey: record.publicKey },
      },
    };
  },
});

/** Refuses to go on when a signature kept with a version no longer verifies over its digest: database or key were tampered with. */
export function requireValidSignatures(name: string, digest: string, signatures: readonly SignatureRecord[]): void {
  const wrong = signatures.find((signature) => !isSignatureValid(digest, signature));
  if (wrong === undefined) return;
  throw new AppError("requirements_open", `A signature of ${name} does not verify over its digest (key ${wrong.keyId.slice(0, 16)}).`, {
    hint: "Find out what changed before anything of this version is released.",
  });
}
