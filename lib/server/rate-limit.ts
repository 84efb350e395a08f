import { AppError } from "#lib/domain/errors.ts";

/** Tokens that fill up steadily; each request takes one. Per process: a bound on load, not an accounting. */
export type RateLimiter = {
  /** Takes one and says what is left, or throws `rate_limited` with the time to wait. */
  take(key: string): RateStanding;
};

/** What a caller may still ask: `limit` at once, refilled at `perSecond`. */
export type RateStanding = { readonly limit: number; readonly remaining: number; readonly perSecond: number };

const MAX_KEYS = 10_000;

export function createRateLimiter(perSecond: number, burst: number, nowMs: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(key) {
      const now = nowMs();
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: now };
      const tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
      // Re-inserted at the end: the map's order is the order of last use, so the oldest goes first.
      buckets.delete(key);
      buckets.set(key, { tokens: Math.max(0, tokens - 1), atMs: now });
      if (buckets.size > MAX_KEYS) {
        const [oldest] = buckets.keys();
        if (oldest !== undefined) buckets.delete(oldest);
      }
      if (tokens >= 1) return { limit: Math.floor(burst), remaining: Math.floor(tokens - 1), perSecond };
      throw new AppError("rate_limited", "Too many requests at once.", {
        hint: `At most ${perSecond} a second on average.`,
        retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / perSecond)),
      });
    },
  };
}

/** Share of the installation's rate that one caller of a kind may use. */
const SHARES = { actor: 1, address: 4, stranger: 0.25, runtime: 5, signIn: 0.05 } as const;
export type CallerKind = keyof typeof SHARES;

/** One limiter a kind of caller. `key` names the caller. */
export function createRequestLimits(requestsPerSecond: number): (kind: CallerKind, key: string) => RateStanding {
  const limiterFor = (share: number): RateLimiter => {
    const perSecond = Math.max(1, requestsPerSecond * share);
    return createRateLimiter(perSecond, perSecond * 2);
  };
  const limiters: Readonly<Record<CallerKind, RateLimiter>> = {
    actor: limiterFor(SHARES.actor),
    address: limiterFor(SHARES.address),
    stranger: limiterFor(SHARES.stranger),
    runtime: limiterFor(SHARES.runtime),
    signIn: limiterFor(SHARES.signIn),
  };
  return (kind, key) => limiters[kind].take(key);
}
