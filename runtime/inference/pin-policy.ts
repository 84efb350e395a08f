import { createHash } from "node:crypto";
import { InferenceError } from "../oip/inference-error.ts";

/** A token whose bearer may choose the version that answers; only its hash is ever here. */
export type PinToken = { readonly sha256: string; readonly expiresAt: string | null };

/** Who may name a version in a request. */
export type PinPolicy = {
  /** `authorization` is the header's value. Throws `InferenceError` 403. */
  check(authorization: string | null): void;
  setTokens(tokens: readonly PinToken[]): void;
};

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** `allowEverybody` is the setting `SLIPWAY_ALLOW_PINNED`; otherwise a token with the scope `pin` is asked for. */
export function createPinPolicy(allowEverybody: boolean, now: () => number): PinPolicy {
  let tokens: ReadonlyMap<string, PinToken> = new Map();
  return {
    check(authorization) {
      if (allowEverybody) return;
      const token = BEARER.exec(authorization ?? "")?.[1];
      // Looked up by hash: no comparison of secrets takes a time that depends on them.
      const known =
        token === undefined
          ? undefined
          : tokens.get(createHash("sha256").update(token).digest("hex"));
      const isValid =
        known !== undefined && (known.expiresAt === null || Date.parse(known.expiresAt) > now());
      if (isValid) return;
      throw new InferenceError(
        403,
        "forbidden",
        "Only a token with the scope pin may choose a version. Leave out the version and let the release decide.",
      );
    },
    setTokens(next) {
      tokens = new Map(next.map((token) => [token.sha256, token]));
    },
  };
}
