import { describe, expect, it } from "vitest";
import { presentCount, standardDeviation } from "./bins.ts";
import { baselineColumns } from "./training-profile.ts";

const number = { name: "income", type: "number", nulls: 3, mean: 10, sd: 2, binEdges: [0, 5, 20], binCounts: [40, 60] } as const;

describe("a baseline from a training profile", () => {
  it("keeps edges, counts, nulls and spread of a number", () => {
    const [income] = baselineColumns({ rows: 103, features: [number], classes: [] }).columns;
    expect(income?.bins).toEqual({ kind: "numeric", name: "income", edges: [0, 5, 20] });
    expect(income?.counts).toMatchObject({ cells: [40, 60], nulls: 3 });
    expect(standardDeviation(income?.counts.moments ?? null)).toBeCloseTo(2, 12);
  });

  it("keeps the 50 most frequent values and counts the rest as unseen", () => {
    const values = Array.from({ length: 60 }, (_, index) => ({ value: index, count: index + 1 }));
    const [column] = baselineColumns({ rows: 1830, features: [{ name: "k", type: "integer", nulls: 0, values }], classes: [] }).columns;
    expect(column?.bins.kind === "categorical" && column.bins.values.slice(0, 2)).toEqual(["59", "58"]);
    expect(column?.counts.cells).toHaveLength(50);
    expect(column?.counts.unseen).toBe(55); // 1 + 2 + ... + 10
    expect(presentCount(column?.counts ?? { name: "", cells: [], under: 0, over: 0, unseen: 0, nulls: 0, nan: 0, moments: null })).toBe(1830);
  });

  it("names columns whose bins are none", () => {
    const { columns, unusable } = baselineColumns({
      rows: 9,
      features: [
        { ...number, name: "flat", binEdges: [1, 1], binCounts: [9] },
        { ...number, name: "odd", binEdges: [1, 2, 3], binCounts: [9] },
        { name: "empty", type: "text", nulls: 9, values: [] },
      ],
      classes: [],
    });
    expect(columns).toEqual([]);
    expect(unusable).toEqual(["flat", "odd", "empty"]);
  });
});
