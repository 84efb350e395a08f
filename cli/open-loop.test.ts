import { expect, test } from "vitest";
import { headroomOf, runOpenLoop } from "./open-loop.ts";

test("an open loop sends what was planned, whatever becomes of it, and names what failed", async () => {
  let n = 0;
  const result = await runOpenLoop(1, 500, 0.4, () => {
    n += 1;
    if (n % 10 === 0) return Promise.reject(new Error("gone"));
    return Promise.resolve(n % 10 === 1 ? 429 : 200);
  });
  expect([n, result.sent]).toEqual([200, 200]);
  expect(result.failures).toEqual({ "0": 20, "429": 20 });
  expect(result.errors).toBe(40);
});

test("latency counts from when a request was due, so that a stall shows", async () => {
  let release = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    release = resolve;
  });
  setTimeout(() => release(), 250);
  const result = await runOpenLoop(1, 200, 0.2, () => stalled.then(() => 200));
  expect(result.latencyMsP50).toBeGreaterThan(50);
  expect(result.latencyMsP99).toBeGreaterThan(180);
});

test("headroom ends where errors begin", async () => {
  const stage = (factor: number, errors: number) => ({ factor, plannedPerSecond: 1, sent: 1, answeredPerSecond: 1, latencyMsP50: 1, latencyMsP95: 1, latencyMsP99: 1, failures: {}, errors, late: 0 });
  expect(headroomOf([stage(1, 0), stage(1.5, 0), stage(2, 3)])).toBe(1.5);
  expect(headroomOf([stage(1, 1), stage(1.5, 0)])).toBe(0);
  expect(headroomOf([stage(1, 0), stage(1.5, 0), stage(2, 0)])).toBe(2);
});
