import { expect, test } from "vitest";
import { createRateLimiter } from "./rate-limit.ts";

function limiter(perSecond: number, burst: number) {
  let now = 0;
  const { take } = createRateLimiter(perSecond, burst, () => now);
  const taken = (key: string, times: number): number => {
    let count = 0;
    for (let index = 0; index < times; index += 1) {
      try {
        take(key);
        count += 1;
      } catch {
        // Refused.
      }
    }
    return count;
  };
  return { take, taken, wait: (ms: number) => (now += ms) };
}

test("a burst is let through, then as many as fill up again", () => {
  const { taken, wait } = limiter(10, 20);
  expect(taken("a", 50)).toBe(20);
  wait(500);
  expect(taken("a", 50)).toBe(5);
  wait(60_000);
  expect(taken("a", 50)).toBe(20);
});

test("one caller's requests are not another's", () => {
  const { taken } = limiter(1, 5);
  expect([taken("a", 9), taken("b", 9)]).toEqual([5, 5]);
});

test("whoever is refused hears when to come back", () => {
  const { take, taken } = limiter(0.1, 1);
  taken("a", 1);
  expect(() => take("a")).toThrow(expect.objectContaining({ code: "rate_limited", retryAfterSeconds: 10 }));
});

test("callers without number do not fill the memory, and the busy one is not forgotten for the idle ones", () => {
  const { taken } = limiter(1, 2);
  taken("busy", 2);
  for (let index = 0; index < 9_000; index += 1) taken(`idle ${index}`, 1);
  expect(taken("busy", 1)).toBe(0);
});
