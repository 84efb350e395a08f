import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calm, nextAlert, observations, observe, type AlertMemory, type Observation } from "./alert-state.ts";

const run = (...seen: Observation[]): AlertMemory => seen.reduce((memory, one) => nextAlert(memory, one), calm);

describe("the states of an alert", () => {
  it.each<[Observation[], string]>([
    [["quiet"], "OK"],
    [["breach"], "PENDING"],
    [["breach", "breach"], "FIRING"],
    [["breach", "quiet", "breach"], "FIRING"],
    [["breach", "quiet", "quiet"], "PENDING"],
    [["breach", "quiet", "quiet", "quiet"], "OK"],
    [["breach", "breach", "quiet"], "RESOLVING"],
    [["breach", "breach", "near"], "FIRING"],
    [["breach", "breach", "quiet", "breach"], "FIRING"],
    [["breach", "breach", "quiet", "near", "quiet", "quiet"], "RESOLVING"],
    [["breach", "breach", "quiet", "quiet", "quiet"], "OK"],
    [["breach", "breach", "quiet", "quiet", "quiet", "breach"], "PENDING"],
    [["insufficient"], "INSUFFICIENT"],
    [["stale"], "STALE"],
    [["breach", "breach", "stale"], "STALE"],
    [["breach", "breach", "stale", "breach"], "FIRING"],
    [["breach", "breach", "stale", "quiet"], "RESOLVING"],
    [["breach", "insufficient", "breach"], "FIRING"],
  ])("after %j it is %s", (seen, state) => {
    expect(run(...seen).state).toBe(state);
  });

  it("never fires on one breach alone and never ends by missing data", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...observations), { maxLength: 40 }), (seen) => {
        let memory = calm;
        let breaches = 0;
        for (const one of seen) {
          const before = memory;
          memory = nextAlert(memory, one);
          if (one === "breach") breaches += 1;
          if (memory.known === "FIRING") expect(breaches).toBeGreaterThanOrEqual(2);
          if (one === "stale" || one === "insufficient") expect(memory.known).toBe(before.known);
          expect(memory.recent.length).toBeLessThanOrEqual(3);
        }
      }),
      { seed: 20_261_123, numRuns: 500 },
    );
  });

  it("calms down only well inside the limit", () => {
    expect(observe(0.25, 0.25)).toBe("breach");
    expect(observe(0.21, 0.25)).toBe("near");
    expect(observe(0.19, 0.25)).toBe("quiet");
    expect(observe(0.84, 0.85, false)).toBe("breach");
    expect(observe(0.86, 0.85, false)).toBe("near");
    expect(observe(0.9, 0.85, false)).toBe("quiet");
  });
});
