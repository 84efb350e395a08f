import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOCK_RULES } from "./clock-rules.ts";
import { clockEndMs, clocksOf, nextClock, type ClockFacts } from "./clocks.ts";
import { HARMS, LAW_ROLES } from "./harm.ts";
import { closingRefusals, INCIDENT_STATES, nextIncidentStates } from "./incident.ts";

const AWARE = Date.parse("2026-11-20T15:30:00Z"); // a Friday
const facts = (more: Partial<ClockFacts>): ClockFacts => ({
  harms: [],
  lawRoles: ["provider"],
  jurisdictions: ["EU"],
  sector: null,
  awareAtMs: AWARE,
  reports: [],
  ...more,
});
const endsOf = (given: ClockFacts): string[] =>
  clocksOf(given, AWARE).map(({ rule, endsAtMs }) => `${rule.id} ${new Date(endsAtMs).toISOString()}`);

describe("the clocks that start", () => {
  it("run 15, 2 and 10 days from awareness under Article 73, the earliest first", () => {
    expect(endsOf(facts({ harms: ["serious_health_harm", "critical_infrastructure", "death"] }))).toEqual([
      "eu-73-3 2026-11-22T15:30:00.000Z",
      "eu-73-4 2026-11-30T15:30:00.000Z",
      "eu-73-2 2026-12-05T15:30:00.000Z",
    ]);
  });

  it("count work days over the weekend for FDA, in healthcare only", () => {
    const us = { jurisdictions: ["US"], harms: ["urgent_remedial_action", "death"] } as const;
    expect(endsOf(facts({ ...us, sector: "healthcare" }))).toEqual([
      // Mon 23 to Fri 27 November are five work days.
      "fda-803-5 2026-11-27T15:30:00.000Z",
      "fda-803-30 2026-12-20T15:30:00.000Z",
    ]);
    expect(endsOf(facts({ ...us, sector: "retail" }))).toEqual([]);
  });

  it("ask a deployer at once and a provider by the number of days", () => {
    expect(endsOf(facts({ harms: ["death"], lawRoles: ["deployer"] }))).toEqual(["eu-26-5 2026-11-20T15:30:00.000Z"]);
  });

  it("that ask for something at once have no number to miss: owed from the first moment, never overdue, met whenever it was sent", () => {
    const deployer = facts({ harms: ["death"], lawRoles: ["deployer"] });
    for (const laterMs of [0, 1, 5_000, 40 * 86_400_000]) expect(clocksOf(deployer, AWARE + laterMs)[0]?.state).toBe("running");
    const sent = clocksOf({ ...deployer, reports: [{ clockId: "eu-26-5", sentAtMs: AWARE + 3_600_000 }] }, AWARE + 7_200_000)[0];
    expect([sent?.state, sent?.metAtMs]).toEqual(["met", AWARE + 3_600_000]);
  });

  it("put what is overdue before what is owed at once", () => {
    const both = facts({ harms: ["death"], lawRoles: ["provider", "deployer"] });
    const next = (days: number) => nextClock(clocksOf(both, AWARE + days * 86_400_000))?.rule.id;
    expect([next(0), next(10), next(11)]).toEqual(["eu-26-5", "eu-26-5", "eu-73-4"]);
  });

  it("stop with a report, late ones marked as late", () => {
    const day = 86_400_000;
    const at = (sentAtMs: number) =>
      clocksOf(facts({ harms: ["death"], reports: [{ clockId: "eu-73-4", sentAtMs }] }), AWARE + 20 * day)[0]?.state;
    expect(at(AWARE + 10 * day)).toBe("met");
    expect(at(AWARE + 10 * day + 1)).toBe("met_late");
    const other = facts({ harms: ["death"], reports: [{ clockId: "eu-73-2", sentAtMs: AWARE }] });
    expect(clocksOf(other, AWARE + 10 * day)[0]?.state).toBe("running");
    expect(clocksOf(other, AWARE + 10 * day + 1)[0]?.state).toBe("overdue");
  });

  it("never start without a harm, outside the jurisdiction, or for somebody else's role", () => {
    fc.assert(
      fc.property(
        fc.record({
          harms: fc.subarray([...HARMS]),
          lawRoles: fc.subarray([...LAW_ROLES]),
          jurisdictions: fc.subarray(["EU", "UK", "US", "other"]),
          sector: fc.constantFrom(null, "healthcare", "retail"),
        }),
        (given) => {
          const clocks = clocksOf(facts(given), AWARE);
          for (const { rule } of clocks) {
            expect(rule.harms.some((harm) => given.harms.includes(harm))).toBe(true);
            expect(given.jurisdictions).toContain(rule.jurisdiction);
          }
          expect([...clocks].sort((a, b) => a.endsAtMs - b.endsAtMs)).toEqual(clocks);
          const first = nextClock(clocks);
          expect(first === null).toBe(clocks.every(({ rule }) => !rule.isOurs));
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });

  it("has every clock that the catalogue names, each with a citation", () => {
    expect(CLOCK_RULES.map(({ id }) => id).sort()).toEqual([
      "eu-26-10", "eu-26-5", "eu-73-2", "eu-73-3", "eu-73-4", "eu-73-8", "fda-803-30", "fda-803-5", "fda-806-10",
    ]);
    for (const rule of CLOCK_RULES) expect(rule.citation).toMatch(/Art\. \d|CFR \d/);
  });

  it("end 48 hours after awareness for hours", () => {
    expect(clockEndMs(AWARE, { unit: "hours", count: 48 }) - AWARE).toBe(172_800_000);
  });
});

describe("closing", () => {
  it("is refused while a report is owed, an action is open or the post-mortem is missing", () => {
    const clocks = clocksOf(facts({ harms: ["death"] }), AWARE);
    expect(closingRefusals({ severity: "critical", hasPostMortem: false, actions: [{ state: "open" }], clocks })).toHaveLength(3);
    expect(closingRefusals({ severity: "minor", hasPostMortem: false, actions: [{ state: "done" }], clocks: [] })).toEqual([]);
  });
  it("is reached from resolved only, and a closed incident can be opened again", () => {
    expect(INCIDENT_STATES.filter((state) => nextIncidentStates(state).includes("closed"))).toEqual(["resolved"]);
    expect(nextIncidentStates("closed")).toEqual(["open"]);
  });
});
