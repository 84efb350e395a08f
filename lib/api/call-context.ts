import { randomUUID } from "node:crypto";
import type { CallContext } from "#lib/server/ports.ts";

/** Set by our own HTTP server on every request, over whatever the client sent; see http-server.ts. */
export const PEER_HEADER = "x-slipway-peer";

const REQUEST_ID = /^[A-Za-z0-9._:-]{8,64}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{8,128}$/;

/** The part of Headers that is read; Next, next-auth and tests bring different ones. */
export type HeaderSource = { get(name: string): string | null };

/** Where a request comes from. A foreign request id is kept when it is harmless, so that logs of several systems meet. */
export function callContext(headers: HeaderSource, trustedProxies: number): CallContext {
  const given = headers.get("x-request-id");
  const key = headers.get("idempotency-key");
  return {
    requestId: given !== null && REQUEST_ID.test(given) ? given : randomUUID(),
    ip: clientAddress(headers.get(PEER_HEADER), headers.get("x-forwarded-for"), trustedProxies),
    userAgent: headers.get("user-agent")?.slice(0, 400) ?? null,
    idempotencyKey: key !== null && IDEMPOTENCY_KEY.test(key) ? key : null,
  };
}

export const isIdempotencyKey = (key: string): boolean => IDEMPOTENCY_KEY.test(key);

/**
 * The address of whoever spoke to the outermost proxy we trust. Each proxy appends whom it heard from, so the list is read
 * from its end; what is left of the trusted part is the client's own claim and is ignored.
 */
export function clientAddress(peer: string | null, forwardedFor: string | null, trustedProxies: number): string | null {
  if (trustedProxies === 0 || forwardedFor === null) return peer;
  const claimed = forwardedFor.split(",").map((part) => part.trim());
  const hops = [...claimed, ...(peer === null ? [] : [peer])];
  const address = hops.at(-1 - trustedProxies) ?? hops[0] ?? null;
  return address !== null && /^[0-9A-Fa-f:.]{2,45}$/.test(address) ? address : peer;
}
