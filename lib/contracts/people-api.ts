import { z } from "zod";
import { PERMISSION_NAMES, PERSON_ROLES, SCOPES } from "#lib/domain/access/permissions.ts";

/** Bodies and answers of `/api/v1/people`, `/api/v1/tokens` and `/api/v1/session`. */

const instant = z.iso.datetime({ offset: false });
export const personRole = z.enum(PERSON_ROLES);
export const tokenScope = z.enum(SCOPES);

/** Plain text of one line, as it goes into lists and the audit trail. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, "This must not be empty.")
    .max(max)
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text), "Use one line of plain text.");

export const personName = line(120);
export const emailAddress = z.email("This is no e-mail address.").max(254);
/** Checked for strength by the domain; here only bounded. */
export const newPassword = z.string().min(1).max(1024);
export const linkSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "This is no link of ours.");

export const timeZoneName = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      return Intl.DateTimeFormat("en", { timeZone: name }) !== null;
    } catch {
      return false;
    }
  }, "This time zone is not known; use a name such as Europe/Berlin or UTC.");

/** A role everywhere, or in the environment of this name only. */
export const roleAssignment = z.strictObject({
  role: personRole,
  environment: z.string().min(1).max(63).nullable().default(null),
});

export const grantView = z.object({
  id: z.string(),
  role: personRole,
  environment: z.string().nullable(),
  grantedAt: instant,
});

export const personView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  demo: z.boolean(),
  /** False: invited and has not chosen a password; signs in by link or single sign-on. */
  hasPassword: z.boolean(),
  disabledAt: instant.nullable(),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
  grants: z.array(grantView),
});
export type PersonView = z.output<typeof personView>;

export const peopleView = z.object({ people: z.array(personView) });

export const invitePersonBody = z.strictObject({
  email: emailAddress,
  name: personName,
  roles: z.array(roleAssignment).min(1, "Give at least one role.").max(20),
});

/** The link is in this answer once and nowhere else. */
export const linkView = z.object({ personId: z.string(), url: z.string(), expiresAt: instant });

export const grantRoleBody = roleAssignment;
export const disablePersonBody = z.strictObject({ reason: line(2000).optional() });

/** An address or a network, as a token may be bound to them. */
export const allowedNetwork = z
  .string()
  .trim()
  .pipe(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], "Write an address or a network, such as 192.0.2.7 or 10.0.0.0/8."));
const allowedIps = z.array(allowedNetwork).max(20).default([]);

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  owner: z.string().nullable(),
  role: z.string(),
  scopes: z.array(tokenScope),
  /** Networks it works from; empty: anywhere. */
  allowedIps: z.array(z.string()),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  isMine: z.boolean(),
});
export type TokenView = z.output<typeof tokenView>;
export const tokensView = z.object({ tokens: z.array(tokenView) });

export const MAX_TOKEN_DAYS = 365;
export const createTokenBody = z.strictObject({
  name: line(80),
  role: personRole,
  scopes: z.array(tokenScope.exclude(["runtime"])).min(1, "Choose at least one scope.").max(SCOPES.length),
  expiresInDays: z.number().int().min(1).max(MAX_TOKEN_DAYS).default(90),
  allowedIps,
});

/** `token` is shown this once. */
export const createdTokenView = z.object({
  id: z.string(),
  name: z.string(),
  token: z.string(),
  expiresAt: instant.nullable(),
});

export const createRuntimeTokenBody = z.strictObject({
  name: line(80),
  expiresInDays: z.number().int().min(1).max(MAX_TOKEN_DAYS).default(90),
});

/** Roles a program may hold: none that approves, and none that lets people in. */
export const SERVICE_ROLES = ["viewer", "engineer", "auditor"] as const;

export const createServiceAccountBody = z.strictObject({
  name: line(120),
  roles: z
    .array(z.strictObject({ role: z.enum(SERVICE_ROLES), environment: z.string().min(1).max(63).nullable().default(null) }))
    .min(1, "Give at least one role.")
    .max(10),
});

export const createServiceTokenBody = createTokenBody.extend({ role: z.enum(SERVICE_ROLES) });

export const serviceAccountView = z.object({
  id: z.string(),
  name: z.string(),
  disabledAt: instant.nullable(),
  createdAt: instant,
  grants: z.array(grantView),
  tokens: z.array(tokenView),
});
export type ServiceAccountView = z.output<typeof serviceAccountView>;
export const serviceAccountsView = z.object({ accounts: z.array(serviceAccountView) });

export const sessionView = z.object({
  userId: z.string().nullable(),
  name: z.string(),
  email: z.string().nullable(),
  timeZone: z.string(),
  demo: z.boolean(),
  authMethod: z.string().nullable(),
  roles: z.array(z.object({ role: z.string(), label: z.string(), environmentId: z.string().nullable() })),
  /** What they may do somewhere: for menus. The act itself is checked again. */
  permissions: z.array(z.enum(PERMISSION_NAMES)),
  /** Whom a visitor of the demo may become; empty everywhere else. */
  demoPeople: z.array(z.object({ email: z.string(), name: z.string(), roleLabels: z.array(z.string()) })),
});
export type SessionView = z.output<typeof sessionView>;

export const updateProfileBody = z.strictObject({
  name: personName.optional(),
  timeZone: timeZoneName.optional(),
});

export const demoSwitchBody = z.strictObject({ email: z.string().min(1).max(254) });
export const acceptInvitationBody = z.strictObject({ token: linkSecret, password: newPassword });
export const firstAdministratorBody = z.strictObject({
  token: linkSecret,
  name: personName,
  email: emailAddress,
  password: newPassword,
});
/** Who to sign in as, once the password is set. */
export const credentialsSetView = z.object({ email: z.string() });
