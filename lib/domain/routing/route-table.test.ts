import { describe, expect, it } from "vitest";
import { routeTableProblems, successionProblems, type RouteTable } from "./route-table.ts";

const table = (over: Partial<RouteTable> = {}): RouteTable => ({
  endpointId: "ep-1",
  epoch: 3,
  salt: "salt-1",
  releaseId: "rel-1",
  arms: [
    { versionId: "v1", arm: "stable", weightBp: 9_000 },
    { versionId: "v2", arm: "candidate", weightBp: 1_000 },
  ],
  leaseSeconds: 300,
  cause: "step",
  ...over,
});
const pointers = (over: Partial<RouteTable>) =>
  routeTableProblems(table(over)).map(({ pointer }) => pointer);
const arms = (...list: [string, "stable" | "candidate" | "previous" | "shadow", number][]) => ({
  arms: list.map(([versionId, arm, weightBp]) => ({ versionId, arm, weightBp })),
});

describe("a route table", () => {
  it("is fine with one stable, serving weights of 10 000 and a lease while the candidate has weight", () => {
    expect(routeTableProblems(table())).toEqual([]);
  });

  it("may keep a previous version warm and mirror to a shadow beside the serving weights", () => {
    const list = arms(["v2", "stable", 10_000], ["v1", "previous", 0], ["v3", "shadow", 2_000]);
    expect(pointers({ ...list, leaseSeconds: null, cause: "promotion" })).toEqual([]);
  });

  it.each<[string, Partial<RouteTable>, string]>([
    [
      "weights that do not sum up",
      arms(["v1", "stable", 9_000], ["v2", "candidate", 900]),
      "/arms",
    ],
    ["two stable versions", arms(["v1", "stable", 5_000], ["v2", "stable", 5_000]), "/arms"],
    ["no stable version", { ...arms(["v2", "candidate", 10_000]) }, "/arms"],
    ["a version in two arms", arms(["v1", "stable", 9_000], ["v1", "candidate", 1_000]), "/arms"],
    [
      "a fraction of a basis point",
      arms(["v1", "stable", 9_000.5], ["v2", "candidate", 999.5]),
      "/arms/0/weightBp",
    ],
    [
      "a negative weight",
      arms(["v1", "stable", 11_000], ["v2", "candidate", -1_000]),
      "/arms/0/weightBp",
    ],
    [
      "a previous version with weight",
      arms(["v2", "stable", 9_000], ["v1", "previous", 1_000]),
      "/arms/1/weightBp",
    ],
    ["a candidate with weight and no lease", { leaseSeconds: null }, "/leaseSeconds"],
    ["a candidate with weight outside of a release", { releaseId: null }, "/releaseId"],
    ["a lease without a candidate", { ...arms(["v1", "stable", 10_000]) }, "/leaseSeconds"],
    ["epoch 0", { epoch: 0 }, "/epoch"],
    ["an empty salt", { salt: "" }, "/salt"],
  ])("is refused with %s", (_, over, pointer) => {
    expect(pointers(over)).toContain(pointer);
  });

  it("follows only a lower epoch of the same endpoint", () => {
    expect(successionProblems(table(), table({ epoch: 4 }))).toEqual([]);
    expect(successionProblems(table(), table()).map(({ pointer }) => pointer)).toEqual(["/epoch"]);
    expect(successionProblems(table(), table({ epoch: 4, endpointId: "ep-2" }))).toHaveLength(1);
  });
});
