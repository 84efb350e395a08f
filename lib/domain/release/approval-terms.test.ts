import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalsComplete, mayApprove } from "./approvals.ts";
import { approvalTerms, independenceSentence, seatsThatCanBeFilled, type ApprovalRule, type PossibleApprover } from "./approval-terms.ts";
import { release } from "./release.fixture.ts";

const ROLES = ["ml_lead", "validator", "compliance"] as const;
const rule = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({ approvals: 2, roles: ["ml_lead", "validator"], eachOf: [], ...over });
const person = (personId: string, ...roles: string[]): PossibleApprover => ({ personId, roles });
const terms = (people: readonly PossibleApprover[], over: Partial<ApprovalRule> = {}, isSmallTeam = true) =>
  approvalTerms({ rule: rule(over), people, isSmallTeam, authorId: "ana", candidateAuthorId: "ana" });

describe("terms of approval", () => {
  it("are the rule where there are enough independent people", () => {
    expect(terms([person("bo", "ml_lead"), person("cy", "validator")])).toEqual({ approvalsNeeded: 2, approverRoles: ["ml_lead", "validator"], rolesNeeded: [], smallTeam: null });
  });

  it("are the rule where there are too few, as long as nobody turned small-team mode on", () => {
    expect(terms([person("bo", "ml_lead")], {}, false)).toMatchObject({ approvalsNeeded: 2, smallTeam: null });
  });

  it("come down to the people there are in a small team, and say so", () => {
    expect(terms([person("bo", "ml_lead")])).toMatchObject({ approvalsNeeded: 1, smallTeam: { required: 2, independent: 1 } });
    expect(terms([person("ana", "ml_lead"), person("bo", "validator")])).toMatchObject({ approvalsNeeded: 2, smallTeam: { required: 2, independent: 1 } });
    expect(terms([person("ana", "ml_lead")])).toMatchObject({ approvalsNeeded: 1, smallTeam: { required: 2, independent: 0 } });
    expect(independenceSentence({ required: 2, independent: 0 })).toContain("Independence not met: the policy asks for 2 independent people and there are none.");
  });

  it("never count one person for two roles", () => {
    const each = { eachOf: ["ml_lead", "validator"] };
    expect(terms([person("bo", "ml_lead", "validator")], each)).toMatchObject({ smallTeam: { required: 2, independent: 1 } });
    expect(terms([person("bo", "ml_lead", "validator"), person("cy", "ml_lead")], each)).toMatchObject({ approvalsNeeded: 2, rolesNeeded: ["ml_lead", "validator"], smallTeam: null });
  });

  it("agree with trying every assignment of seats", () => {
    const people = fc.uniqueArray(fc.record({ personId: fc.constantFrom("a", "b", "c", "d"), roles: fc.subarray([...ROLES]) }), { selector: ({ personId }) => personId });
    const best = (seats: readonly (readonly string[])[], left: readonly PossibleApprover[]): number => {
      const [seat, ...rest] = seats;
      if (seat === undefined) return 0;
      const fitting = left.filter(({ roles }) => seat.some((role) => roles.includes(role)));
      return Math.max(best(rest, left), ...fitting.map((one) => 1 + best(rest, left.filter((other) => other !== one))));
    };
    fc.assert(
      fc.property(people, fc.subarray([...ROLES]), fc.integer({ min: 0, max: 4 }), (all, eachOf, approvals) => {
        const given = { approvals: Math.max(approvals, eachOf.length), roles: [...ROLES], eachOf };
        const seats = [...eachOf.map((role) => [role]), ...Array.from({ length: given.approvals - eachOf.length }, () => given.roles)];
        expect(seatsThatCanBeFilled(given, all)).toBe(best(seats, all));
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe("a release under these terms", () => {
  const signed = (personId: string, role: string) => ({ personId, role, digest: "sha256:plan-and-evidence", meaning: "fit_for_use", reason: "Read.", atMs: 0 });

  it("is not approved while a role that must sign has not", () => {
    const two = release({ approvalsNeeded: 2, approverRoles: ["ml_lead", "validator"], rolesNeeded: ["validator"], approvals: [signed("bo", "ml_lead"), signed("cy", "ml_lead")] });
    expect(approvalsComplete(two)).toMatchObject({ have: 2, need: 2, isComplete: false, missingRoles: ["validator"] });
    expect(approvalsComplete({ ...two, approvals: [signed("bo", "ml_lead"), signed("cy", "validator")] }).isComplete).toBe(true);
  });

  it("lets its author sign in a small team only", () => {
    expect(mayApprove(release(), "ana")).toBe(false);
    expect(mayApprove(release({ smallTeam: { required: 1, independent: 0 } }), "ana")).toBe(true);
  });
});
