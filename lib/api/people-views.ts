import type { z } from "zod";
import type { serviceAccountView, createdTokenView, linkView, personView, sessionView, tokenView } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import type { App } from "#lib/server/composition.ts";

/** From what the use cases answer to what goes over the wire. */

type Person = Awaited<ReturnType<App["people"]["grantRole"]>>;
type Listed = Awaited<ReturnType<App["people"]["listPeople"]>>[number];
type Token = Awaited<ReturnType<App["tokens"]["listTokens"]>>[number];
type Viewer = Awaited<ReturnType<App["auth"]["whoAmI"]>>;

const instant = (date: Date | null): string | null => date?.toISOString() ?? null;

export const toPersonView = (person: Person): Omit<z.input<typeof personView>, "lastSeenAt"> => ({
  id: person.id,
  email: person.email,
  name: person.name,
  demo: person.demo,
  hasPassword: person.hasPassword,
  disabledAt: instant(person.disabledAt),
  createdAt: person.createdAt.toISOString(),
  grants: person.grants.flatMap((grant) =>
    grant.role === "runtime" || grant.role === "policy" || grant.role === "system"
      ? []
      : [{ id: grant.id, role: grant.role, environment: grant.environmentName, grantedAt: grant.grantedAt.toISOString() }],
  ),
});

export const toListedPersonView = (person: Listed): z.input<typeof personView> => ({
  ...toPersonView(person),
  lastSeenAt: instant(person.lastSeenAt),
});

export const toLinkView = (
  app: App,
  link: { readonly personId: string; readonly secret: string; readonly expiresAt: Date },
): z.input<typeof linkView> => ({
  personId: link.personId,
  url: `${app.settings.publicUrl}/welcome?key=${link.secret}`,
  expiresAt: link.expiresAt.toISOString(),
});

export const toTokenView = (token: Token): z.input<typeof tokenView> => ({
  id: token.id,
  name: token.name,
  prefix: token.prefix,
  owner: token.person?.name ?? null,
  role: token.role,
  scopes: [...token.scopes],
  allowedIps: [...token.allowedIps],
  createdAt: token.createdAt.toISOString(),
  expiresAt: instant(token.expiresAt),
  lastUsedAt: instant(token.lastUsedAt),
  revokedAt: instant(token.revokedAt),
  isMine: token.isMine,
});

export const toCreatedTokenView = (created: {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly expiresAt: Date | null;
}): z.input<typeof createdTokenView> => ({ ...created, expiresAt: instant(created.expiresAt) });

export const toSessionView = ({ actor, person, permissions, demoPeople }: Viewer): z.input<typeof sessionView> => ({
  userId: actor.userId,
  name: person?.name ?? actor.name,
  email: person?.email ?? null,
  timeZone: person?.timeZone ?? "UTC",
  demo: person?.demo ?? false,
  authMethod: actor.authMethod,
  roles: actor.roles.map(({ role, environmentId }) => ({ role, label: ROLE_LABELS[role], environmentId })),
  permissions: [...permissions],
  demoPeople: demoPeople.map(({ email, name, grants }) => ({
    email,
    name,
    roleLabels: [...new Set(grants.map(({ role }) => ROLE_LABELS[role]))],
  })),
});

type ServiceAccount = Awaited<ReturnType<App["people"]["listServiceAccounts"]>>[number];

export const toServiceAccountView = ({ tokens, ...account }: ServiceAccount): z.input<typeof serviceAccountView> => {
  const { id, name, disabledAt, createdAt, grants } = toPersonView(account);
  return { id, name, disabledAt, createdAt, grants, tokens: tokens.map((token) => toTokenView({ ...token, isMine: false })) };
};
