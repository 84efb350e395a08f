import { describe, expect, it } from "vitest";
import { bakeEnd, comparisonEnd } from "./deciding.ts";

const moves = (...states: string[]) =>
  states.slice(1).map((toState, index) => ({ fromState: states[index] ?? "", toState, index }));

describe("the decision that ended a comparison", () => {
  it("is none while the candidate is compared, held or at a gate", () => {
    expect(
      comparisonEnd(moves("WARMING", "STEP_ACTIVE", "HOLDING", "STEP_ACTIVE", "AWAITING_GATE")),
    ).toBeUndefined();
    expect(comparisonEnd([])).toBeUndefined();
  });

  it("is the one that left the steps, not the end of the roll back that followed", () => {
    expect(
      comparisonEnd(moves("WARMING", "STEP_ACTIVE", "ROLLING_BACK", "ROLLED_BACK")),
    ).toMatchObject({ toState: "ROLLING_BACK" });
    expect(comparisonEnd(moves("STEP_ACTIVE", "PROMOTING", "BAKING", "COMPLETED"))).toMatchObject({
      toState: "PROMOTING",
    });
    expect(comparisonEnd(moves("SHADOWING", "ABORTED"))).toMatchObject({ toState: "ABORTED" });
  });

  it("is the return to the previous version where the watch after promotion ended in one, else its completion", () => {
    expect(bakeEnd(moves("PROMOTING", "BAKING"))).toBeUndefined();
    expect(bakeEnd(moves("PROMOTING", "BAKING", "COMPLETED", "COMPLETED"))).toMatchObject({
      index: 1,
    });
    expect(
      bakeEnd(moves("PROMOTING", "BAKING", "COMPLETED", "ROLLING_BACK", "ROLLED_BACK")),
    ).toMatchObject({ index: 2 });
  });
});
