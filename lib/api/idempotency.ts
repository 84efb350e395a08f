import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import type { Actor } from "#lib/server/ports.ts";
import { isIdempotencyKey } from "./call-context.ts";

/** An answer as it is kept for 24 hours under its Idempotency-Key and given again, word for word. */
export type KeptAnswer = {
  readonly status: number;
  /** JSON text; null for an answer without a body. */
  readonly text: string | null;
  readonly headers: Record<string, string>;
};

/** The same request has the same fingerprint: method, address, body. */
export function fingerprintOf(method: string, url: URL, body: Uint8Array, type: string | null): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([method, url.pathname, url.search, type?.split(";", 1)[0] ?? null]));
  return hash.update(body).digest("hex");
}

/** The key a POST carries; null without one. Throws `malformed_request` for one that cannot be kept. */
export function idempotencyKeyOf(method: string, header: string | null): string | null {
  if (method !== "POST" || header === null) return null;
  if (isIdempotencyKey(header)) return header;
  throw new AppError("malformed_request", "Idempotency-Key must be 8 to 128 visible ASCII characters.");
}

/**
 * Runs `work` once for a key. The same request again gets the same answer with `isReplay`; another request under the key is refused,
 * and so is one that comes while the first is at work. When `work` refuses, nothing was done and the key is free again; when it fails in a way
 * that leaves open what was done, the key stays taken until the trail or time tells.
 */
export async function answerOnce(
  app: App,
  actor: Actor,
  key: string,
  request: { readonly fingerprint: string; readonly isSecret: boolean },
  work: () => Promise<KeptAnswer>,
): Promise<{ readonly answer: KeptAnswer; readonly isReplay: boolean }> {
  const claim = await app.store.telemetry(({ requests }) =>
    requests.claimIdempotencyKey(actor.id, key, request.fingerprint),
  );
  if (claim.kind === "other_request") {
    throw new AppError("idempotency_mismatch", "This Idempotency-Key was used for a different request.", {
      hint: "Use a new key for a new request.",
    });
  }
  if (claim.kind === "in_flight") {
    throw new AppError("idempotency_in_flight", "The first request with this Idempotency-Key is still at work.", {
      hint: "Ask again in a moment with the same key.",
      retryAfterSeconds: 1,
    });
  }
  if (claim.kind === "answered") {
    if (!request.isSecret) return { answer: claim.answer, isReplay: true };
    throw new AppError("secret_already_shown", "This was done already, and its secret is shown only once.", {
      hint: "Revoke what was made and make another.",
    });
  }
  const answer = await work().catch(async (error: unknown) => {
    if (error instanceof z.ZodError || (error instanceof AppError && error.code !== "unavailable")) {
      await app.store.telemetry(({ requests }) => requests.releaseIdempotencyKey(actor.id, key)).catch(() => undefined);
    }
    throw error;
  });
  const kept = request.isSecret ? { ...answer, text: null } : answer;
  // The act is done: that its answer could not be kept is no reason to call it failed.
  await app.store
    .telemetry(({ requests }) => requests.keepAnswer(actor.id, key, kept))
    .catch((error: unknown) => app.logger.warn({ err: error }, "an answer could not be kept for its Idempotency-Key"));
  return { answer, isReplay: false };
}
