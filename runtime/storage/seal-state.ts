import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import type { DesiredState, DesiredVersion } from "#lib/contracts/runtime-protocol.ts";

/**
 * Credentials of other servers as they lie on this runtime's disk: sealed with a key that is made from the runtime's token, which is given to
 * the process and is not in its directory. So a copy of the directory opens no server, and a restart without the control plane still serves.
 */
export type StateSeal = {
  seal(targetId: string, headers: Readonly<Record<string, string>>): string;
  /** Null: sealed with another token, changed, or meant for another target. */
  open(targetId: string, sealed: string): Record<string, string> | null;
};

const NONCE = 12;
const TAG = 16;
const headersOf = z.record(z.string(), z.string());

/** AES-256-GCM; key by HKDF-SHA-256 from the token; bound to the target's id. Text is base64 of nonce, tag, bytes. */
export function createStateSeal(token: string): StateSeal {
  const key = Buffer.from(hkdfSync("sha256", token, "slipway", "runtime state credentials v1", 32));
  return {
    seal(targetId, headers) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(targetId));
      const text = Buffer.concat([cipher.update(JSON.stringify(headers), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
    },
    open(targetId, sealed) {
      const bytes = Buffer.from(sealed, "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAAD(Buffer.from(targetId)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
        return headersOf.parse(JSON.parse(text.toString("utf8")));
      } catch {
        return null;
      }
    },
  };
}

export const sealedHeaders = z.record(z.string().max(64), z.string().max(4_000_000));
export type SealedHeaders = z.output<typeof sealedHeaders>;

const bare = (version: DesiredVersion): DesiredVersion =>
  version.upstream === undefined ? version : { ...version, upstream: { ...version.upstream, headers: {} } };

/** The state without credentials, and they sealed, by target. Without a seal (no token) they are not kept at all. */
export function withoutCredentials(state: DesiredState, seal: StateSeal | null): { readonly state: DesiredState; readonly sealed: SealedHeaders } {
  const sealed: Record<string, string> = {};
  for (const { upstream } of state.versions) {
    if (seal === null || upstream === undefined || Object.keys(upstream.headers).length === 0) continue;
    sealed[upstream.targetId] ??= seal.seal(upstream.targetId, upstream.headers);
  }
  return { state: { ...state, versions: state.versions.map(bare) }, sealed };
}

export type Reopened = {
  readonly state: DesiredState;
  /** Versions left out because their server's credentials cannot be opened here; the control plane sends them again. */
  readonly closed: readonly DesiredVersion[];
};

/** The state with its credentials again. A version whose credentials cannot be opened is left out: its server would refuse it. */
export function withCredentials(state: DesiredState, sealed: SealedHeaders, seal: StateSeal | null): Reopened {
  const closed: DesiredVersion[] = [];
  const versions = state.versions.flatMap((version) => {
    const { upstream } = version;
    const text = upstream === undefined ? undefined : sealed[upstream.targetId];
    if (upstream === undefined || text === undefined) return [version];
    const headers = seal?.open(upstream.targetId, text) ?? null;
    if (headers !== null) return [{ ...version, upstream: { ...upstream, headers } }];
    closed.push(version);
    return [];
  });
  return { state: { ...state, versions }, closed };
}
