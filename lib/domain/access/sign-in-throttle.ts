/** How failed sign-ins slow the next one down. Never for good: an attacker must not be able to lock somebody out. */

export type ThrottleState = {
  readonly failures: number;
  readonly lastFailureAt: Date | null;
  readonly blockedUntil: Date | null;
};

export type ThrottleLimits = {
  /** From this failure on, each doubles a delay that begins at one second. */
  readonly slowFrom: number;
  /** From this failure on, the full block. */
  readonly blockFrom: number;
};

export const ACCOUNT_LIMITS: ThrottleLimits = { slowFrom: 5, blockFrom: 10 };
/** An office shares one address, so it may fail more often. */
export const ADDRESS_LIMITS: ThrottleLimits = { slowFrom: 25, blockFrom: 50 };

/** Failures older than this are forgotten, and no block lasts longer. */
export const THROTTLE_WINDOW_MS = 15 * 60_000;

export const CLEAR: ThrottleState = { failures: 0, lastFailureAt: null, blockedUntil: null };

export type ThrottleStep =
  | { readonly allowed: true; readonly state: ThrottleState; readonly locks: boolean }
  | { readonly allowed: false; readonly state: ThrottleState; readonly retryAfterSeconds: number };

/**
 * Counts an attempt as failed before it is known how it goes, so that a hundred guesses at once are a hundred guesses; success takes it back.
 * `locks`: this attempt, if it fails, has reached the full block.
 */
export function beginAttempt(state: ThrottleState, now: Date, limits: ThrottleLimits): ThrottleStep {
  const nowMs = now.getTime();
  if (state.blockedUntil !== null && nowMs < state.blockedUntil.getTime()) {
    return { allowed: false, state, retryAfterSeconds: Math.ceil((state.blockedUntil.getTime() - nowMs) / 1000) };
  }
  const isStale = state.lastFailureAt === null || nowMs - state.lastFailureAt.getTime() >= THROTTLE_WINDOW_MS;
  const failures = (isStale ? 0 : state.failures) + 1;
  const delayMs =
    failures >= limits.blockFrom
      ? THROTTLE_WINDOW_MS
      : failures >= limits.slowFrom
        ? 1000 * 2 ** (failures - limits.slowFrom)
        : 0;
  const blockedUntil = delayMs === 0 ? null : new Date(nowMs + Math.min(delayMs, THROTTLE_WINDOW_MS));
  return {
    allowed: true,
    state: { failures, lastFailureAt: now, blockedUntil },
    locks: failures >= limits.blockFrom,
  };
}

/** An IPv4 address as it is, IPv6 by its /64: one subscriber has 2^64 addresses there. */
export function addressKey(ip: string): string {
  const plain = ip.startsWith("::ffff:") && ip.includes(".") ? ip.slice(7) : ip;
  if (!plain.includes(":")) return plain;
  const [head = "", tail = ""] = plain.split("::", 2);
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const missing = plain.includes("::") ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
