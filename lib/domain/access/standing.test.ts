import fc from "fast-check";
import { expect, it } from "vitest";
import { approvingRoles, standingsAfter, type StandingEvent } from "./standing.ts";

const event: fc.Arbitrary<StandingEvent> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("granted", "revoked"),
    userId: fc.constantFrom("a", "b"),
    role: fc.constantFrom("engineer", "validator", "unheard_of"),
    environment: fc.constantFrom(null, "production", "staging"),
  }),
  fc.record({ kind: fc.constantFrom("disabled", "enabled"), userId: fc.constantFrom("a", "b") }),
);

it("holds exactly the roles whose last event was a grant, and is disabled as the last word on that says", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const standings = standingsAfter(events);
      for (const userId of ["a", "b"]) {
        const own = events.filter((one) => one.userId === userId);
        const last = own.findLast(({ kind }) => kind === "disabled" || kind === "enabled");
        const standing = standings.get(userId) ?? { isDisabled: false, roles: [] };
        expect(standing.isDisabled).toBe(last?.kind === "disabled");
        for (const role of ["engineer", "validator"] as const) {
          for (const environment of [null, "production", "staging"]) {
            const word = own.findLast((one) => "role" in one && one.role === role && one.environment === environment);
            expect(standing.roles.some((held) => held.role === role && held.environment === environment)).toBe(word?.kind === "granted");
          }
        }
      }
    }),
    { seed: 21, numRuns: 500 },
  );
});

it("approves by a role that reaches there, and not while disabled or by a role that approves nothing", () => {
  const standing = { isDisabled: false, roles: [{ role: "validator", environment: "staging" }, { role: "engineer", environment: null }] } as const;
  expect(approvingRoles(standing, "staging")).toEqual(["validator", "engineer"]);
  expect(approvingRoles(standing, "production")).toEqual([]);
  expect(approvingRoles({ ...standing, isDisabled: true }, "staging")).toEqual([]);
});
