import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { armOf, bucketOf, isMirrored } from "./bucket.ts";
import type { RouteTable } from "./route-table.ts";

const table = (candidateBp: number, over: Partial<RouteTable> = {}): RouteTable => ({
  endpointId: "ep-1",
  epoch: 1,
  salt: "salt-1",
  releaseId: "rel-1",
  arms: [
    { versionId: "v1", arm: "stable", weightBp: 10_000 - candidateBp },
    { versionId: "v2", arm: "candidate", weightBp: candidateBp },
  ],
  leaseSeconds: candidateBp > 0 ? 300 : null,
  cause: "step",
  ...over,
});
const keys = Array.from({ length: 20_000 }, (_, index) => `patient-${index}`);

describe("buckets", () => {
  it("lie in 0 to 9999 and depend on the salt", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (salt, key) => {
        const bucket = bucketOf(salt, key);
        return (
          Number.isInteger(bucket) &&
          bucket >= 0 &&
          bucket < 10_000 &&
          bucket === bucketOf(salt, key)
        );
      }),
    );
    const moved = keys.filter((key) => bucketOf("a", key) < 1_000 && bucketOf("b", key) < 1_000);
    expect(moved.length / keys.length).toBeCloseTo(0.01, 2);
  });

  it("are a known number, so that anybody can recompute an assignment", () => {
    // Computed with an independent implementation of the formula.
    const found = [
      bucketOf("", ""),
      bucketOf("s", "k"),
      bucketOf("salt-1", "patient-7"),
      bucketOf("salt-1", "Zürich"),
    ];
    expect(found).toEqual([1685, 3586, 3391, 6185]);
  });

  it.each([100, 1_000, 2_500, 5_000])(
    "give the candidate its share at %i basis points",
    (weightBp) => {
      const share =
        keys.filter((key) => armOf(table(weightBp), key)?.arm === "candidate").length / keys.length;
      expect(Math.abs(share - weightBp / 10_000)).toBeLessThan(0.012);
    },
  );
});

describe("a ramp", () => {
  it("moves nobody back to stable while the weight grows", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(9_999), fc.nat(9_999), (key, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        return (
          armOf(table(small), key)?.arm !== "candidate" ||
          armOf(table(large), key)?.arm === "candidate"
        );
      }),
    );
  });

  it("returns everybody on weight 0", () => {
    expect(keys.every((key) => armOf(table(0), key)?.arm === "stable")).toBe(true);
  });
});

it("mirrors independently of the serving arm", () => {
  const shadowed = table(5_000, {
    arms: [...table(5_000).arms, { versionId: "v3", arm: "shadow", weightBp: 5_000 }],
  });
  const both = keys.filter(
    (key) => isMirrored(shadowed, key) && armOf(shadowed, key)?.arm === "candidate",
  );
  expect(both.length / keys.length).toBeCloseTo(0.25, 1);
});
