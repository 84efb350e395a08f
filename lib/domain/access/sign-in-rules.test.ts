import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRoleRules, rolesForGroups } from "./oidc-roles.ts";
import { passwordProblem } from "./password-rules.ts";
import { safeReturnPath } from "./return-path.ts";
import { DEFAULT_SESSION_LIMITS, absoluteEnd, judgeSession } from "./session-rules.ts";
import { ACCOUNT_LIMITS, CLEAR, THROTTLE_WINDOW_MS, type ThrottleState, addressKey, beginAttempt } from "./sign-in-throttle.ts";

const start = new Date("2026-11-23T12:00:00Z");
const later = (ms: number, from: Date = start): Date => new Date(from.getTime() + ms);

describe("a session", () => {
  const facts = {
    lastSeenAt: start,
    expiresAt: absoluteEnd(start, DEFAULT_SESSION_LIMITS),
    revokedAt: null,
    userDisabledAt: null,
  };
  const judge = (change: Partial<typeof facts> | object, now: Date) =>
    judgeSession({ ...facts, ...change }, now, DEFAULT_SESSION_LIMITS);

  test("is good until 30 minutes after its last use, to the millisecond", () => {
    expect(judge({}, later(30 * 60_000 - 1))).toBe("good");
    expect(judge({}, later(30 * 60_000))).toBe("idle");
  });
  test("ends after 12 hours however busy it is", () => {
    const busyUntil = later(12 * 3_600_000 - 1);
    expect(judge({ lastSeenAt: busyUntil }, busyUntil)).toBe("good");
    expect(judge({ lastSeenAt: busyUntil }, later(12 * 3_600_000))).toBe("expired");
  });
  test("is over when revoked or its person disabled, before any time is looked at", () => {
    expect(judge({ revokedAt: start }, start)).toBe("revoked");
    expect(judge({ userDisabledAt: start }, start)).toBe("disabled");
  });
});

describe("failed sign-ins", () => {
  const fail = (times: number, gapMs: (state: ThrottleState) => number) => {
    let state: ThrottleState = CLEAR;
    let now = start;
    const waits: number[] = [];
    for (let index = 0; index < times; index += 1) {
      const step = beginAttempt(state, now, ACCOUNT_LIMITS);
      if (!step.allowed) throw new Error(`blocked at attempt ${index + 1}`);
      state = step.state;
      waits.push(state.blockedUntil === null ? 0 : (state.blockedUntil.getTime() - now.getTime()) / 1000);
      now = later(gapMs(state), now);
    }
    return { state, now, waits };
  };

  test("wait from the fifth on, twice as long each time, and a quarter of an hour from the tenth", () => {
    const { waits } = fail(10, (state) => (state.blockedUntil === null ? 1000 : state.blockedUntil.getTime()));
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 1]);
    const backToBack = fail(10, ({ failures }) => (failures < 5 ? 10 : 1000 * 2 ** (failures - 5)));
    expect(backToBack.waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 900]);
  });

  test("are refused until the wait is over, with the seconds that are left", () => {
    const { state, now } = fail(5, () => 10);
    expect(beginAttempt(state, now, ACCOUNT_LIMITS)).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    expect(beginAttempt(state, later(1000, now), ACCOUNT_LIMITS)).toMatchObject({ allowed: true });
  });

  test("are forgotten after a quarter of an hour", () => {
    const { state, now } = fail(4, () => 10);
    const step = beginAttempt(state, later(THROTTLE_WINDOW_MS, now), ACCOUNT_LIMITS);
    expect(step).toMatchObject({ allowed: true, state: { failures: 1 } });
  });

  test("never lock anybody out for longer than a quarter of an hour, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 60 }), (gaps) => {
        let state: ThrottleState = CLEAR;
        let now = start;
        for (const gap of gaps) {
          now = later(gap, now);
          const step = beginAttempt(state, now, ACCOUNT_LIMITS);
          state = step.state;
          if (state.blockedUntil) expect(state.blockedUntil.getTime() - now.getTime()).toBeLessThanOrEqual(THROTTLE_WINDOW_MS);
        }
        expect(beginAttempt(state, later(THROTTLE_WINDOW_MS, now), ACCOUNT_LIMITS).allowed).toBe(true);
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });

  test("count one subscriber's IPv6 addresses together", () => {
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:0DB8:1:2::9"));
    expect(addressKey("2001:db8:1:2::1")).not.toBe(addressKey("2001:db8:1:3::1"));
    expect(addressKey("::1")).toBe("0:0:0:0::/64");
    expect(addressKey("::ffff:192.0.2.7")).toBe("192.0.2.7");
    expect(addressKey("192.0.2.7")).toBe("192.0.2.7");
  });
});

describe("a password", () => {
  const own = ["Priya Nair", "priya.nair@example.com"];
  test.each(["short", "aaaaaaaaaaaaaaa", "123456789012", "password12345", "PasswordPassword!", "priya.nair.2026"])(
    "such as %s is refused with a reason",
    (password) => expect(passwordProblem(password, own)).not.toBeNull(),
  );
  test("of more than 256 characters is refused", () => expect(passwordProblem("a1b2c3".repeat(43), own)).not.toBeNull());
  test.each(["correct horse battery", "t7#kQ2!mZx9$pL", "drei Katzen im Regen", "пароль из шести слов"])("such as %s is good", (password) =>
    expect(passwordProblem(password, own)).toBeNull(),
  );
});

describe("the way back after signing in", () => {
  test.each(["/", "/releases/142?tab=evidence#step-3"])("%s is kept", (path) => expect(safeReturnPath(path)).toBe(path));
  test.each([
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "releases", "",
    "/\tevil", "/a\nb", "/\u0000", "/%0d\\x",
  ])("%j leads to the start page", (path) => expect(safeReturnPath(path)).toBe("/"));
  test("an endless one leads to the start page", () => expect(safeReturnPath(`/${"a".repeat(3000)}`)).toBe("/"));
  test("nothing leads to the start page", () => expect(safeReturnPath(null)).toBe("/"));
  test("whatever is given, the browser stays here", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const here = "http://127.0.0.1:3000";
        expect(new URL(safeReturnPath(text), here).origin).toBe(here);
        expect(new URL(safeReturnPath(`/${text}`), here).origin).toBe(here);
      }),
      { seed: 20261123, numRuns: 3000 },
    );
  });
});

describe("roles from the groups of an identity provider", () => {
  const parsed = parseRoleRules("ml-leads=ml_lead, risk = validator@production ,cn=x,ou=y=engineer,*=viewer");
  test("are read from one line", () => {
    expect(parseRoleRules("ml-leads=ml_lead,risk=validator@production,*=viewer")).toEqual({
      rules: [
        { group: "ml-leads", role: "ml_lead", environment: null },
        { group: "risk", role: "validator", environment: "production" },
        { group: "*", role: "viewer", environment: null },
      ],
    });
    expect(parseRoleRules("")).toEqual({ rules: [] });
  });
  test("cannot be a role of our own parts, nor half a rule", () => {
    expect(parseRoleRules("ops=system")).toEqual({ problem: "ops=system" });
    expect(parseRoleRules("=viewer")).toEqual({ problem: "=viewer" });
    expect(parseRoleRules("risk=validator@")).toEqual({ problem: "risk=validator@" });
    expect("problem" in parsed).toBe(true);
  });
  test("are given once each", () => {
    const rules = [
      { group: "a", role: "viewer", environment: null },
      { group: "b", role: "viewer", environment: null },
      { group: "b", role: "engineer", environment: "staging" },
    ] as const;
    expect(rolesForGroups(rules, ["a", "b"])).toEqual([
      { role: "viewer", environment: null },
      { role: "engineer", environment: "staging" },
    ]);
    expect(rolesForGroups(rules, [])).toEqual([]);
  });
});
