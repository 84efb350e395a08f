import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DesiredEndpoint } from "#lib/contracts/runtime-protocol.ts";
import { planTable, type BurntEpoch, type PlanInputs, type PlannedTable } from "./plan-table.ts";

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
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let current = null as PlannedTable | null;
        let burnt = null as BurntEpoch | null;
        for (const one of steps) {
          const before: PlannedTable | null = current;
          if (one.burn !== null) {
            const epoch = Math.max(burnt?.epoch ?? 0, one.epoch, before?.epoch ?? 0);
            burnt = { epoch, toPrevious: one.burn };
          }
          const inputs: PlanInputs = {
            desired: desiredOf(one),
            current: before,
            burnt,
            isReady: (id) => one.ready.includes(id),
            mayServeCandidate: one.mayServeCandidate,
          };
          current = planTable(inputs);
          if (current === null) expect(before).toBeNull();
          else expectPromises(inputs, current);
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

const step = fc.record({
  epoch: fc.integer({ min: 1, max: 12 }),
  stable: fc.constantFrom(...VERSIONS),
  candidate: fc.option(
    fc.record({ id: fc.constantFrom(...VERSIONS), weightBp: fc.integer({ min: 0, max: 10_000 }) }),
  ),
  previous: fc.option(fc.constantFrom(...VERSIONS)),
  ready: fc.subarray(VERSIONS),
  burn: fc.option(fc.boolean(), { freq: 4 }),
  mayServeCandidate: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The step as a control plane would order it: no version in two parts. */
function desiredOf({ epoch, stable, candidate, previous }: Step): DesiredEndpoint {
  const isFree = previous !== stable && previous !== candidate?.id;
  return endpoint(
    epoch,
    stable,
    candidate?.id === stable ? null : candidate,
    isFree ? previous : null,
  );
}

function expectPromises(
  { desired, current: before, burnt, isReady, mayServeCandidate }: PlanInputs,
  table: PlannedTable,
): void {
  const serving = table.arms.filter(({ arm }) => arm !== "shadow");
  expect(serving.reduce((sum, { weightBp }) => sum + weightBp, 0)).toBe(10_000);
  expect(table.epoch).toBeGreaterThanOrEqual(before?.epoch ?? 0);
  if (table.isComplete && table !== before) expect(table.epoch).toBe(desired.epoch);

  const isNewest = desired.epoch >= (before?.epoch ?? 0);
  const candidate = table.arms.find(({ arm, weightBp }) => arm === "candidate" && weightBp > 0);
  if (candidate !== undefined && isNewest) {
    expect(burnt === null || table.epoch > burnt.epoch).toBe(true);
    if (table !== before) expect(isReady(candidate.versionId)).toBe(true);
    if (table !== before && table.epoch === desired.epoch) expect(mayServeCandidate).toBe(true);
  }
  // A new table names loaded versions only; one that is kept for want of a better one may have lost its stable.
  if (table.epoch === before?.epoch) return;
  for (const { versionId, weightBp } of serving)
    if (weightBp > 0) expect(isReady(versionId)).toBe(true);
}
