import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  MACHINE_ROLES,
  PERMISSIONS,
  PERMISSION_NAMES,
  PERSON_ROLES,
  SCOPES,
  type Principal,
  type Role,
  allows,
  allowsSomewhere,
  environmentsAllowed,
  readPermissionFor,
  rolesIn,
} from "./permissions.ts";

const ROLES: readonly Role[] = [...PERSON_ROLES, ...MACHINE_ROLES];
const everywhere = (...roles: Role[]): Principal => ({
  roles: roles.map((role) => ({ role, environmentId: null })),
  scopes: null,
});
const only = (environmentId: string, ...roles: Role[]): Principal => ({
  roles: roles.map((role) => ({ role, environmentId })),
  scopes: null,
});

test("every role against every permission is as written down", async () => {
  const width = Math.max(...PERMISSION_NAMES.map((name) => name.length));
  const lines = PERMISSION_NAMES.map((permission) => {
    const marks = ROLES.map((role) => (allows(everywhere(role), permission, "e1") ? "x" : ".").padEnd(role.length));
    return `${permission.padEnd(width)}  ${PERMISSIONS[permission].reach.padEnd(11)}  ${marks.join(" ")}`.trimEnd();
  });
  const head = `${"".padEnd(width)}  ${"reach".padEnd(11)}  ${ROLES.join(" ")}`;
  await expect([head, ...lines, ""].join("\n")).toMatchFileSnapshot("permissions.golden.txt");
});

test("without a role nothing is allowed", () => {
  for (const permission of PERMISSION_NAMES) {
    expect(allows({ roles: [], scopes: null }, permission, null)).toBe(false);
    expect(allowsSomewhere({ roles: [], scopes: null }, permission)).toBe(false);
  }
});

describe("who administers does not approve", () => {
  test.each(["release:approve", "release:reject", "release:promote", "release:override", "release:create"] as const)(
    "an admin may not %s",
    (permission) => expect(allows(everywhere("admin"), permission, "e1")).toBe(false),
  );
  test("no part of ours approves either", () => {
    for (const role of MACHINE_ROLES) expect(allows(everywhere(role), "release:approve", "e1")).toBe(false);
  });
});

test("rolling back is for engineers, ML leads and admins with access to the environment, and nobody else among people", () => {
  const may = PERSON_ROLES.filter((role) => allows(everywhere(role), "release:rollback", "e1"));
  expect(may).toEqual(["engineer", "ml_lead", "admin"]);
  expect(allows(only("e2", "engineer"), "release:rollback", "e1")).toBe(false);
  expect(allows(only("e1", "engineer"), "release:rollback", "e1")).toBe(true);
});

test("a role in one environment says nothing about another, nor about the installation", () => {
  const lead = only("staging", "ml_lead", "admin");
  expect(allows(lead, "release:approve", "staging")).toBe(true);
  expect(allows(lead, "release:approve", "production")).toBe(false);
  expect(allows(lead, "release:approve", null)).toBe(false);
  expect(allows(lead, "person:grant", null)).toBe(false);
  expect(environmentsAllowed(lead, "release:read")).toEqual(["staging"]);
  expect(environmentsAllowed(everywhere("viewer"), "release:read")).toBe("all");
  expect(rolesIn({ roles: [...lead.roles, { role: "viewer", environmentId: null }], scopes: null }, "production")).toEqual([
    "viewer",
  ]);
});

test("scopes only ever take away", () => {
  const principal = fc.record({
    roles: fc.array(
      fc.record({ role: fc.constantFrom(...ROLES), environmentId: fc.constantFrom(null, "e1", "e2") }),
      { maxLength: 4 },
    ),
    scopes: fc.array(fc.constantFrom(...SCOPES), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(principal, fc.constantFrom(...PERMISSION_NAMES), fc.constantFrom(null, "e1"), (token, permission, where) => {
      const person = { roles: token.roles, scopes: null };
      if (allows(token, permission, where)) expect(allows(person, permission, where)).toBe(true);
      expect(allows({ roles: token.roles, scopes: [] }, permission, where)).toBe(false);
    }),
    { seed: 20261123, numRuns: 2000 },
  );
});

test("what is allowed on an object is allowed somewhere, and its environment is listed", () => {
  const roles = fc.array(
    fc.record({ role: fc.constantFrom(...ROLES), environmentId: fc.constantFrom(null, "e1", "e2") }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(roles, fc.constantFrom(...PERMISSION_NAMES), (grants, permission) => {
      const principal = { roles: grants, scopes: null };
      if (!allows(principal, permission, "e1")) return;
      expect(allowsSomewhere(principal, permission)).toBe(true);
      if (PERMISSIONS[permission].reach !== "environment") return;
      const listed = environmentsAllowed(principal, permission);
      expect(listed === "all" || listed.includes("e1")).toBe(true);
    }),
    { seed: 20261123, numRuns: 2000 },
  );
});

test("every permission that is in a scope and every read permission exists", () => {
  for (const permission of PERMISSION_NAMES) expect(PERMISSION_NAMES).toContain(readPermissionFor(permission));
  const reachable = PERMISSION_NAMES.filter((permission) =>
    ROLES.some((role) => allows({ roles: [{ role, environmentId: null }], scopes: [...SCOPES] }, permission, null)),
  );
  // A permission that no token can ever carry would make the API useless for it.
  expect(PERMISSION_NAMES.filter((name) => !reachable.includes(name))).toEqual([]);
});
