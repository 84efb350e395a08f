/** The one permission matrix: who may do what. Default is no. */

/** Roles that people and their tokens can hold. */
export const PERSON_ROLES = [
  "viewer",
  "engineer",
  "ml_lead",
  "validator",
  "compliance",
  "auditor",
  "admin",
] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** Roles of our own parts: a runtime's token, the release controller, and the operator on the host. Never granted to people. */
export const MACHINE_ROLES = ["runtime", "policy", "system"] as const;
export type MachineRole = (typeof MACHINE_ROLES)[number];

export type Role = PersonRole | MachineRole;

export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  viewer: "Viewer",
  engineer: "Engineer",
  ml_lead: "ML Lead",
  validator: "Validator",
  compliance: "Compliance",
  auditor: "Auditor",
  admin: "Admin",
  runtime: "Runtime",
  policy: "Policy",
  system: "System",
};

/**
 * How far a grant must reach.
 * `environment`: the object lives in one; a grant everywhere or in that environment counts.
 * `any`: the object lives in none (a model, an audit entry); a grant anywhere counts.
 * `install`: it changes the installation itself; only a grant everywhere counts.
 */
export type Reach = "environment" | "any" | "install";

type Rule = { readonly reach: Reach; readonly roles: readonly Role[] };

const READERS = PERSON_ROLES;
const BUILDERS = ["engineer", "ml_lead", "system"] as const;
const JUDGES = ["ml_lead", "validator", "compliance"] as const;
const RECORD_READERS = ["engineer", "ml_lead", "validator", "compliance", "auditor", "admin"] as const;

const rule = (reach: Reach, ...roles: readonly Role[]): Rule => ({ reach, roles });

export const PERMISSIONS = {
  "model:read": rule("any", ...READERS, "runtime", "policy", "system"),
  "model:create": rule("any", ...BUILDERS),
  "model:edit": rule("any", ...BUILDERS),

  "version:read": rule("any", ...READERS, "runtime", "policy", "system"),
  "version:create": rule("any", ...BUILDERS),
  "version:edit": rule("any", ...BUILDERS),
  "version:scan": rule("any", ...BUILDERS, "validator"),
  "version:sign": rule("any", ...BUILDERS, "validator"),
  "version:accept_risk": rule("any", ...JUDGES),
  "version:try": rule("any", ...BUILDERS, "validator"),
  "version:evaluate": rule("any", ...BUILDERS, "validator"),
  "version:quarantine": rule("any", "ml_lead", "validator", "admin", "policy", "system"),

  "evidence:read": rule("any", ...READERS, "policy", "system"),
  "evidence:create": rule("any", ...BUILDERS, "validator", "compliance", "policy"),

  "control:read": rule("any", ...READERS, "policy", "system"),
  "control:decide": rule("any", "validator", "compliance", "system"),
  "model:classify": rule("any", "ml_lead", "validator", "compliance", "system"),
  "catalogue:choose": rule("install", "compliance", "admin", "system"),

  "environment:read": rule("environment", ...READERS, "policy", "system"),
  "environment:create": rule("install", "admin", "system"),
  "environment:edit": rule("environment", "admin", "system"),
  "environment:waive": rule("environment", "validator", "compliance", "system"),

  "endpoint:read": rule("environment", ...READERS, "runtime", "policy", "system"),
  "endpoint:create": rule("environment", ...BUILDERS, "admin"),
  "endpoint:edit": rule("environment", ...BUILDERS, "admin", "policy"),
  "endpoint:load_test": rule("environment", ...BUILDERS, "validator", "system"),

  "batch:read": rule("environment", ...READERS, "runtime", "policy", "system"),
  "batch:run": rule("environment", ...BUILDERS, "admin", "policy"),

  "stream:read": rule("environment", ...READERS, "runtime", "policy", "system"),
  "stream:run": rule("environment", ...BUILDERS, "admin", "policy"),
  "device:read": rule("environment", ...READERS, "policy", "system"),
  "device:manage": rule("environment", ...BUILDERS, "admin"),
  "device:enrol": rule("environment", "system"),

  "alert:read": rule("environment", ...READERS, "policy", "system"),
  "alert:raise": rule("environment", "policy", "system"),
  "alert:acknowledge": rule("environment", ...BUILDERS, "validator", "admin", "policy"),
  "alert:silence": rule("environment", ...BUILDERS, "admin"),
  "alert:edit_rules": rule("environment", ...BUILDERS, "admin"),

  "channel:read": rule("install", "engineer", "ml_lead", "compliance", "auditor", "admin", "system"),
  "channel:manage": rule("install", "admin", "system"),

  "release:read": rule("environment", ...READERS, "policy", "system"),
  "release:create": rule("environment", ...BUILDERS),
  "release:approve": rule("environment", ...JUDGES),
  "release:reject": rule("environment", ...JUDGES),
  "release:cancel": rule("environment", ...BUILDERS, "policy"),
  "release:start": rule("environment", ...BUILDERS, "policy"),
  "release:hold": rule("environment", ...BUILDERS, "validator", "admin", "policy"),
  "release:resume": rule("environment", ...BUILDERS, "policy"),
  "release:advance": rule("environment", "ml_lead", "policy"),
  "release:promote": rule("environment", "ml_lead", "policy"),
  "release:override": rule("environment", "ml_lead"),
  "release:rollback": rule("environment", "engineer", "ml_lead", "admin", "policy", "system"),

  "card:read": rule("any", ...READERS, "policy", "system"),
  "card:edit": rule("any", ...BUILDERS, "validator", "compliance"),
  "card:sign": rule("any", ...JUDGES),
  "card:publish": rule("any", ...JUDGES),

  "incident:read": rule("environment", ...RECORD_READERS, "policy", "system"),
  "incident:open": rule("environment", "engineer", "ml_lead", "validator", "compliance", "admin", "policy", "system"),
  "incident:edit": rule("environment", "engineer", "ml_lead", "validator", "compliance", "admin", "policy", "system"),
  "runbook:read": rule("any", ...READERS, "policy", "system"),
  "runbook:edit": rule("any", "engineer", "ml_lead", "compliance", "admin", "system"),
  "runbook:acknowledge": rule("any", "engineer", "ml_lead", "validator", "compliance", "admin"),

  "signing:read": rule("any", ...RECORD_READERS),
  "signing:delegate": rule("any", ...JUDGES),
  "signing:manage": rule("install", "admin"),
  "release:challenge": rule("environment", ...BUILDERS, "validator", "compliance"),
  "release:break_glass": rule("environment", "engineer", "ml_lead", "validator", "compliance"),

  "retention:read": rule("any", ...RECORD_READERS),
  "retention:manage": rule("install", "compliance", "admin"),

  "audit:read": rule("any", ...RECORD_READERS),
  "audit:review": rule("any", "validator", "compliance", "auditor"),
  "audit:export": rule("any", "ml_lead", "validator", "compliance", "auditor", "admin"),

  "person:read": rule("install", "compliance", "auditor", "admin", "system"),
  "person:invite": rule("install", "admin", "system"),
  "person:grant": rule("install", "admin", "system"),
  "person:disable": rule("install", "admin", "system"),

  "token:read": rule("any", "engineer", "ml_lead", "validator", "compliance", "auditor", "admin"),
  "token:create": rule("any", "engineer", "ml_lead", "validator", "compliance", "auditor", "admin", "system"),
  "token:revoke": rule("any", "engineer", "ml_lead", "validator", "compliance", "auditor", "admin", "system"),
  "token:manage": rule("install", "admin", "system"),

  "runtime:read": rule("any", ...READERS, "system"),
  "runtime:manage": rule("install", "admin", "policy", "system"),
  "runtime:serve": rule("install", "runtime"),

  "install:manage": rule("install", "admin", "system"),
} as const satisfies Readonly<Record<string, Rule>>;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS).filter(
  (name): name is Permission => Object.hasOwn(PERMISSIONS, name),
);

/** A role, everywhere (`environmentId` null) or in one environment only. */
export type Grant = { readonly role: Role; readonly environmentId: string | null };

/** What access is decided from. `scopes` null: no token, nothing taken away. */
export type Principal = {
  readonly roles: readonly Grant[];
  readonly scopes: readonly Scope[] | null;
};

/** What a token may at most be used for; always cut down further by its role. */
export const SCOPES = ["read", "register", "release", "approve", "rollback", "audit", "admin", "pin", "runtime"] as const;
export type Scope = (typeof SCOPES)[number];

const SCOPE_PERMISSIONS: Readonly<Record<Scope, readonly Permission[]>> = {
  read: PERMISSION_NAMES.filter((name) => name.endsWith(":read") && name !== "audit:read"),
  register: ["model:create", "model:edit", "version:create", "version:edit", "version:try", "version:evaluate", "version:scan", "version:sign", "evidence:create", "card:edit"],
  release: [
    "endpoint:create",
    "endpoint:edit",
    "endpoint:load_test",
    "batch:run",
    "stream:run",
    "device:manage",
    "release:create",
    "release:cancel",
    "release:start",
    "release:hold",
    "release:resume",
    "release:advance",
    "release:promote",
    "release:override",
    "alert:acknowledge",
    "alert:silence",
    "alert:edit_rules",
    "release:rollback",
    "incident:open",
    "incident:edit",
    "runbook:edit",
    "runbook:acknowledge",
  ],
  approve: ["release:approve", "release:reject", "release:challenge", "release:break_glass", "signing:delegate", "card:sign", "card:publish", "version:accept_risk"],
  rollback: ["release:rollback", "release:hold"],
  audit: ["audit:read", "audit:export", "audit:review"],
  admin: [
    "environment:create",
    "environment:edit",
    "environment:waive",
    "control:decide",
    "model:classify",
    "catalogue:choose",
    "signing:manage",
    "retention:manage",
    "version:quarantine",
    "person:invite",
    "person:grant",
    "person:disable",
    "token:create",
    "token:revoke",
    "token:manage",
    "runtime:manage",
    "install:manage",
    "channel:manage",
    "device:enrol", "alert:raise",
  ],
  /** Nothing here: lets its bearer choose the version that answers an inference request. Runtimes know such tokens by their hashes. */
  pin: [],
  runtime: ["runtime:serve", "version:read", "endpoint:read", "model:read"],
};

const rolesFor = (permission: Permission): readonly Role[] => PERMISSIONS[permission].roles;

const scopesAllow = ({ scopes }: Principal, permission: Permission): boolean =>
  scopes === null || scopes.some((scope) => SCOPE_PERMISSIONS[scope].includes(permission));

const grantsFor = (principal: Principal, permission: Permission): readonly Grant[] =>
  scopesAllow(principal, permission)
    ? principal.roles.filter((grant) => rolesFor(permission).includes(grant.role))
    : [];

/**
 * May they, on an object in this environment? `null` for objects that live in none;
 * for a permission of reach `environment` null asks for the right in every environment.
 */
export function allows(principal: Principal, permission: Permission, environmentId: string | null): boolean {
  const grants = grantsFor(principal, permission);
  if (PERMISSIONS[permission].reach === "any") return grants.length > 0;
  if (PERMISSIONS[permission].reach === "install") return grants.some((grant) => grant.environmentId === null);
  return grants.some((grant) => grant.environmentId === null || grant.environmentId === environmentId);
}

/** May they anywhere at all? Decides whether a menu entry, a list or a form is shown. */
export function allowsSomewhere(principal: Principal, permission: Permission): boolean {
  const grants = grantsFor(principal, permission);
  return PERMISSIONS[permission].reach === "install"
    ? grants.some((grant) => grant.environmentId === null)
    : grants.length > 0;
}

/** In which environments? For the `where` of a list. */
export function environmentsAllowed(principal: Principal, permission: Permission): "all" | readonly string[] {
  const grants = grantsFor(principal, permission);
  if (grants.some((grant) => grant.environmentId === null)) return "all";
  return [...new Set(grants.flatMap((grant) => grant.environmentId ?? []))];
}

/** Roles they hold where this object lives: what an environment's `approverRoles` is compared with. */
export function rolesIn(principal: Principal, environmentId: string | null): readonly Role[] {
  const here = principal.roles.filter(
    (grant) => grant.environmentId === null || grant.environmentId === environmentId,
  );
  return [...new Set(here.map((grant) => grant.role))];
}

/** The permission to know that such an object exists: denied without it sounds like missing. */
export function readPermissionFor(permission: Permission): Permission {
  const read = `${permission.split(":", 1)[0] ?? ""}:read`;
  return isPermission(read) ? read : permission;
}

export const isPermission = (name: string): name is Permission => Object.hasOwn(PERMISSIONS, name);
export const isPersonRole = (name: string): name is PersonRole => PERSON_ROLES.some((role) => role === name);
export const isScope = (name: string): name is Scope => SCOPES.some((scope) => scope === name);
