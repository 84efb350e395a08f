import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DesiredEndpoint } from "#lib/contracts/runtime-protocol.ts";
import { planTable, type BurntEpoch, type PlannedTable } from "./plan-table.ts";

const SEED = 20_261_123;
const VERSIONS = ["v1", "v2", "v3", "v4"];

function endpoint(
  epoch: number,
  stable: string,
  candidate: { id: string; weightBp: number } | null,
  previous: string | null,
): DesiredEndpoint {
  return {
    endpointId: "e",
    name: "e",
    environment: "production",
    epoch,
    salt: "s",
    releaseId: candidate === null ? null : "r",
    windowSeconds: 2,
    latencyThresholdsUs: null,
    leaseSeconds: candidate !== null && candidate.weightBp > 0 ? 300 : null,
    arms: [
      { arm: "stable", versionId: stable, weightBp: 10_000 - (candidate?.weightBp ?? 0) },
      ...(candidate === null
        ? []
        : [{ arm: "candidate" as const, versionId: candidate.id, weightBp: candidate.weightBp }]),
      ...(previous === null
        ? []
        : [{ arm: "previous" as const, versionId: previous, weightBp: 0 }]),
    ],
  };
}

const weightOf = (table: PlannedTable | null, arm: string) =>
  table?.arms.find((entry) => entry.arm === arm)?.weightBp ?? 0;
const always = { current: null, burnt: null, isReady: () => true, mayServeCandidate: true };

describe("the table a runtime serves", () => {
  it("is the one asked for once everything is loaded", () => {
    const desired = endpoint(7, "v1", { id: "v2", weightBp: 1000 }, null);
    expect(planTable({ ...always, desired })).toEqual({
      epoch: 7,
      isComplete: true,
      arms: [
        { arm: "stable", versionId: "v1", weightBp: 9000 },
        { arm: "candidate", versionId: "v2", weightBp: 1000 },
      ],
    });
  });

  it("gives a candidate nothing before it is loaded, under a burnt epoch, or before its lease is confirmed", () => {
    const desired = endpoint(7, "v1", { id: "v2", weightBp: 1000 }, null);
    for (const inputs of [
      { ...always, isReady: (id: string) => id === "v1" },
      { ...always, burnt: { epoch: 7, toPrevious: false } },
      { ...always, mayServeCandidate: false },
    ]) {
      const table = planTable({ ...inputs, desired });
      expect(weightOf(table, "candidate")).toBe(0);
      expect(weightOf(table, "stable")).toBe(10_000);
      expect(table?.isComplete).toBe(false);
    }
    expect(
      weightOf(
        planTable({ ...always, burnt: { epoch: 6, toPrevious: false }, desired }),
        "candidate",
      ),
    ).toBe(1000);
  });

  it("serves on from the old stable until the new one is loaded, but lowers the candidate at once", () => {
    const current = planTable({
      ...always,
      desired: endpoint(7, "v1", { id: "v2", weightBp: 1000 }, null),
    });
    const next = endpoint(8, "v3", null, null);
    const table = planTable({ ...always, current, desired: next, isReady: (id) => id !== "v3" });
    expect(table).toMatchObject({ epoch: 7, isComplete: false });
    expect(weightOf(table, "stable")).toBe(10_000);
  });

  it("goes back to the previous version when an operator rolls back a baking one", () => {
    const desired = endpoint(9, "v2", null, "v1");
    const table = planTable({ ...always, desired, burnt: { epoch: 9, toPrevious: true } });
    expect(weightOf(table, "previous")).toBe(10_000);
    expect(weightOf(table, "stable")).toBe(0);
    expect(
      weightOf(
        planTable({
          ...always,
          desired: { ...desired, epoch: 10 },
          burnt: { epoch: 9, toPrevious: true },
        }),
        "stable",
      ),
    ).toBe(10_000);
  });

  it("keeps its promises over any history", () => {
    const step = fc.record({
      epoch: fc.integer({ min: 1, max: 12 }),
      stable: fc.constantFrom(...VERSIONS),
      candidate: fc.option(
        fc.record({
          id: fc.constantFrom(...VERSIONS),
          weightBp: fc.integer({ min: 0, max: 10_000 }),
        }),
      ),
      previous: fc.option(fc.constantFrom(...VERSIONS)),
      ready: fc.subarray(VERSIONS),
      burn: fc.option(fc.boolean(), { freq: 4 }),
      mayServeCandidate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let current = null as PlannedTable | null;
        let burnt = null as BurntEpoch | null;
        for (const {
          epoch,
          stable,
          candidate,
          previous,
          ready,
          burn,
          mayServeCandidate,
        } of steps) {
          const before: PlannedTable | null = current;
          const desired = endpoint(
            epoch,
            stable,
            candidate?.id === stable ? null : candidate,
            previous === stable || previous === candidate?.id ? null : previous,
          );
          if (burn !== null)
            burnt = {
              epoch: Math.max(burnt?.epoch ?? 0, epoch, before?.epoch ?? 0),
              toPrevious: burn,
            };
          current = planTable({
            desired,
            current: before,
            burnt,
            isReady: (id) => ready.includes(id),
            mayServeCandidate,
          });
          if (current === null) {
            expect(before).toBeNull();
            continue;
          }
          const serving = current.arms
            .filter(({ arm }) => arm !== "shadow")
            .reduce((sum, { weightBp }) => sum + weightBp, 0);
          expect(serving).toBe(10_000);
          expect(current.epoch).toBeGreaterThanOrEqual(before?.epoch ?? 0);
          const weight = weightOf(current, "candidate");
          if (weight > 0 && desired.epoch >= (before?.epoch ?? 0))
            expect(burnt === null || current.epoch > burnt.epoch).toBe(true);
          if (current === before) continue;
          const candidateId = current.arms.find(({ arm }) => arm === "candidate")?.versionId ?? "";
          if (weight > 0) {
            expect(ready).toContain(candidateId);
            if (current.epoch === desired.epoch) expect(mayServeCandidate).toBe(true);
          }
          // A new table names loaded versions only; one that is kept for want of a better one may have lost its stable.
          if (current.epoch !== before?.epoch)
            for (const { versionId, weightBp } of current.arms)
              if (weightBp > 0) expect(ready).toContain(versionId);
          if (current.isComplete) expect(current.epoch).toBe(desired.epoch);
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});
