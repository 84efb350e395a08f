import { hash, verify } from "@node-rs/argon2";
import { AppError } from "#lib/domain/errors.ts";

/** 64 MiB and three passes: 35 ms on a server core. The default algorithm of the library is argon2id. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;
/** Each hash holds 64 MiB: unlimited sign-ins at once would be a way to exhaust memory. */
const AT_ONCE = 4;
const QUEUE_LIMIT = 64;

export type Passwords = {
  /** PHC string of an argon2id hash. */
  hash(password: string): Promise<string>;
  /** Compares; with no stored hash it works as long and answers no, so that unknown people cost the same time. */
  verify(stored: string | null, password: string): Promise<boolean>;
};

/** Argon2id with a bound on how many run at once; beyond the queue callers get `rate_limited`. */
export function createPasswords(): Passwords {
  const run = gate(AT_ONCE, QUEUE_LIMIT);
  let decoy: Promise<string> | null = null;
  return {
    hash: (password) => run(() => hash(password, COST)),
    verify: (stored, password) =>
      run(async () => {
        decoy ??= hash("no such person has this password", COST);
        const matches = await verify(stored ?? (await decoy), password);
        return stored !== null && matches;
      }),
  };
}

function gate(atOnce: number, queueLimit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= queueLimit) {
        throw new AppError("rate_limited", "Too many people are signing in at this moment.", {
          hint: "Try again in a few seconds.",
          retryAfterSeconds: 5,
        });
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The place is handed to the next in line without being free in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
