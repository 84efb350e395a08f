import type { ScimUser } from "#lib/contracts/scim-api.ts";
import type { App } from "#lib/server/composition.ts";

/** Resources in SCIM's form. */

type Person = Awaited<ReturnType<App["directory"]["listPeople"]>>["rows"][number];
type Group = Awaited<ReturnType<App["directory"]["listGroups"]>>["rows"][number];

export const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

export const userJson = (base: string, person: Person) => ({
  schemas: [USER],
  id: person.id,
  ...(person.externalId === null ? {} : { externalId: person.externalId }),
  userName: person.email,
  displayName: person.name,
  name: { formatted: person.name },
  emails: [{ value: person.email, primary: true, type: "work" }],
  active: person.disabledAt === null,
  groups: person.groups.map(({ id, name }) => ({ value: id, display: name })),
  meta: { resourceType: "User", created: person.createdAt.toISOString(), location: `${base}/Users/${person.id}` },
});

export const groupJson = (base: string, group: Group) => ({
  schemas: [GROUP],
  id: group.id,
  ...(group.externalId === null ? {} : { externalId: group.externalId }),
  displayName: group.name,
  members: group.members.map(({ id, name }) => ({ value: id, display: name, $ref: `${base}/Users/${id}` })),
  meta: { resourceType: "Group", created: group.createdAt.toISOString(), lastModified: group.updatedAt.toISOString(), location: `${base}/Groups/${group.id}` },
});

/** Our fields from theirs: the address is the primary e-mail, else the user name. */
export function personOf(user: ScimUser): { readonly email: string; readonly name: string; readonly externalId: string | null } {
  const email = user.emails?.find(({ primary }) => primary === true)?.value ?? user.emails?.[0]?.value ?? user.userName;
  const parts = [user.name?.givenName, user.name?.familyName].filter((part) => typeof part === "string" && part !== "").join(" ");
  const name = [user.displayName, user.name?.formatted, parts, user.userName].find((text) => typeof text === "string" && text.trim() !== "") ?? user.userName;
  return { email, name: name.slice(0, 120), externalId: user.externalId ?? null };
}

const CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const off = { supported: false };

export const serviceProviderConfig = {
  schemas: [CONFIG],
  patch: { supported: true },
  bulk: { ...off, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: off,
  sort: off,
  etag: off,
  authenticationSchemes: [{ type: "oauthbearertoken", name: "API token", description: "A token of an administrator with the scopes read and admin." }],
};

const resourceType = (base: string, name: "User" | "Group", schema: string) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  id: name, name, endpoint: `/${name}s`, schema,
  meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
});
export const resourceTypes = (base: string) => [resourceType(base, "User", USER), resourceType(base, "Group", GROUP)];
