import { AppError } from "#lib/domain/errors.ts";
import type { HeaderSource } from "./call-context.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a change that a browser sends along with somebody's cookie from another site (cross-site request forgery).
 * Browsers say where a request comes from in Sec-Fetch-Site, which scripts cannot set; those too old for it say it in Origin.
 * A request that says neither is refused: it is no browser of ours, and programs use tokens.
 */
export function requireSameOrigin(method: string, headers: HeaderSource, publicUrl: string): void {
  if (SAFE.has(method)) return;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isOurs = site !== null ? site === "same-origin" : origin !== null && origin === new URL(publicUrl).origin;
  if (isOurs) return;
  throw new AppError("csrf_refused", "This change was not sent from a page of this installation.", {
    hint: `Open ${publicUrl} and act there; programs use an API token.`,
  });
}
