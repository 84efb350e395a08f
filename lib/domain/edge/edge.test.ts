import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestJson, manifestRefusal, manifestText, type EdgeManifest } from "./manifest.ts";
import { deviceBucket, firstRingOf, isInRing, isPastFailureLimit, isSilent, LAST_RING, orderFor, RINGS_BP, SILENT_AFTER_MS } from "./rings.ts";
import { afterSlotEvent, NO_SLOTS, spareSlot, type SlotEvent } from "./slot-machine.ts";

const SEED = { seed: 20261130, numRuns: 500 };

const MANIFEST: EdgeManifest = {
  endpointId: "e1",
  endpoint: "ward",
  environment: "production",
  number: 7,
  kind: "update",
  versionId: "v3",
  versionOrdinal: 7,
  floorOrdinal: 2,
  document: `sha256:${"0".repeat(64)}`,
  hardware: ["linux-x64"],
  expiresAtMs: 1000,
};
const GROUNDS = { endpointId: "e1", hardware: "linux-x64", highestNumber: 6, floorOrdinal: 1, servingOrdinal: 5, nowMs: 999 };

describe("a manifest", () => {
  it("is followed by a device that it is meant for", () => {
    expect(manifestRefusal(MANIFEST, GROUNDS)).toBeNull();
    expect(manifestRefusal({ ...MANIFEST, hardware: [] }, { ...GROUNDS, hardware: "linux-arm64" })).toBeNull();
  });

  it.each([
    ["another endpoint", { endpointId: "e2" }, {}],
    ["a number seen before", { number: 6 }, {}],
    ["an expired one", {}, { nowMs: 1000 }],
    ["other hardware", {}, { hardware: "linux-arm64" }],
    ["a version below its own floor", { kind: "rollback", versionOrdinal: 1 }, {}],
    ["a version below a floor seen before", { kind: "rollback", versionOrdinal: 3 }, { floorOrdinal: 4 }],
    ["an older version that is not called a rollback", { versionOrdinal: 4 }, {}],
  ] as const)("is refused for %s", (_, manifest, grounds) => {
    expect(manifestRefusal({ ...MANIFEST, ...manifest }, { ...GROUNDS, ...grounds })).not.toBeNull();
  });

  it("may name an older version when it says that it is a rollback", () => {
    expect(manifestRefusal({ ...MANIFEST, kind: "rollback", versionOrdinal: 2 }, GROUNDS)).toBeNull();
  });

  it("comes out of its text as it went in, and other texts are none", () => {
    expect(JSON.parse(manifestJson(manifestText(MANIFEST)) ?? "")).toEqual(MANIFEST);
    expect([manifestJson("slipway-manifest/v1\n{}\n"), manifestJson(`${manifestText(MANIFEST)}more\n`)]).toEqual([null, null]);
  });
});

describe("rings", () => {
  it("hold about their share of the devices, and each holds the one before", () => {
    const buckets = Array.from({ length: 20_000 }, (_, index) => deviceBucket("endpoint", `device-${index}`));
    for (const [ring, share] of RINGS_BP.entries()) {
      const inside = buckets.filter((bucket) => isInRing(bucket, ring)).length / buckets.length;
      expect(Math.abs(inside - share / 10_000)).toBeLessThan(0.015);
      if (ring > 0) expect(buckets.every((bucket) => !isInRing(bucket, ring - 1) || isInRing(bucket, ring))).toBe(true);
    }
  });

  it("give a device the newest order that reaches it, and never one on hold", () => {
    const all = { number: 1, ring: LAST_RING, state: "complete" } as const;
    expect(orderFor([all, { number: 2, ring: 1, state: "rolling" }], 50)?.number).toBe(2);
    expect(orderFor([all, { number: 2, ring: 1, state: "rolling" }], 100)?.number).toBe(1);
    expect(orderFor([all, { number: 2, ring: 1, state: "held" }], 50)?.number).toBe(1);
    expect(orderFor([{ number: 2, ring: 0, state: "rolling" }], 0)).toBeNull();
  });

  it("reach a device first in exactly one of them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), (bucket) => {
        const first = firstRingOf(bucket);
        expect(RINGS_BP.map((_, ring) => isInRing(bucket, ring))).toEqual(RINGS_BP.map((_, ring) => ring >= first));
      }),
      SEED,
    );
  });

  it("stop when more devices fail than the limit allows, but not for one among many", () => {
    expect(isPastFailureLimit(0, 0, 0)).toBe(false);
    expect(isPastFailureLimit(0, 1, 500)).toBe(true);
    expect(isPastFailureLimit(9, 1, 500)).toBe(false);
    expect(isPastFailureLimit(8, 2, 500)).toBe(true);
    expect(isPastFailureLimit(98, 2, 500)).toBe(false);
  });
});

describe("the two slots", () => {
  const event: fc.Arbitrary<SlotEvent> = fc.oneof(
    fc.integer({ min: 1, max: 50 }).map((number) => ({ kind: "passed_gate" as const, number })),
    fc.constantFrom<SlotEvent>({ kind: "confirmed" }, { kind: "failed" }, { kind: "started" }),
  );

  it("never lose a version that has proven itself, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state = NO_SLOTS;
        let proven: number | null = null;
        for (const one of events) {
          const next = afterSlotEvent(state, one);
          if (next.phase === "steady") proven = next[next.active];
          if (proven !== null) expect([next.a, next.b]).toContain(proven);
          // What serves is there, and where the next may be written nothing serves and no way back lies.
          if (next.phase !== "empty") expect(next[next.active]).not.toBeNull();
          const spare = spareSlot(next);
          if (next.phase === "steady") expect(spare).not.toBe(next.active);
          if (next.phase === "trial") expect(spare).toBeNull();
          expect(next.epoch).toBeGreaterThanOrEqual(state.epoch);
          if (next.active !== state.active) expect(next.epoch).toBeGreaterThan(state.epoch);
          state = next;
        }
      }),
      SEED,
    );
  });

  it("go back when the new version fails, and when it is begun three times without proving itself", () => {
    const steady = [{ kind: "passed_gate", number: 1 }, { kind: "confirmed" }] as const;
    const trial = afterSlotEvent(steady.reduce<typeof NO_SLOTS>(afterSlotEvent, NO_SLOTS), { kind: "passed_gate", number: 2 });
    expect(trial).toMatchObject({ phase: "trial", active: "b", a: 1, b: 2 });
    const back = { phase: "steady", active: "a", a: 1, b: null };
    expect(afterSlotEvent(trial, { kind: "failed" })).toMatchObject(back);
    const started = { kind: "started" } as const;
    expect([started, started, started].reduce<typeof NO_SLOTS>(afterSlotEvent, trial)).toMatchObject(back);
    expect(afterSlotEvent(afterSlotEvent(trial, started), { kind: "confirmed" })).toMatchObject({ phase: "steady", active: "b" });
  });
});

it("a device is silent once it has not been heard of for longer than the limit, or never was", () => {
  const now = new Date(10 * SILENT_AFTER_MS);
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  expect([isSilent(before(SILENT_AFTER_MS), now), isSilent(before(SILENT_AFTER_MS + 1), now), isSilent(null, now)]).toEqual([false, true, true]);
});
