import { type ScimPatch, scimBoolean, scimMembers } from "#lib/contracts/scim-api.ts";
import { AppError } from "#lib/domain/errors.ts";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Attributes that a patch sets, by their path; operations without a path carry several. */
function assignments({ Operations }: ScimPatch): readonly { readonly op: string; readonly path: string; readonly value: unknown }[] {
  return Operations.flatMap(({ op, path, value }) =>
    path === undefined ? Object.entries(isRecord(value) ? value : {}).map(([name, member]) => ({ op, path: name, value: member })) : [{ op, path, value }],
  );
}

/** The user document with a patch applied, to be parsed as a whole again. What this service does not hold is passed over. */
export function patchedUser(user: Readonly<Record<string, unknown>>, patch: ScimPatch): Record<string, unknown> {
  const next: Record<string, unknown> = { ...user };
  for (const { op, path, value } of assignments(patch)) {
    const name = path.toLowerCase();
    if (name === "active") next["active"] = op === "remove" ? true : scimBoolean.parse(value);
    else if (name === "username") Object.assign(next, { userName: value, emails: null });
    else if (name === "displayname" || name === "name.formatted") next["displayName"] = value;
    else if (name === "externalid") next["externalId"] = op === "remove" ? null : value;
    else if (name.startsWith("emails")) next["emails"] = Array.isArray(value) ? value : [{ value, primary: true }];
    else if (name === "name" && isRecord(value) && typeof value["formatted"] === "string") next["displayName"] = value["formatted"];
  }
  return next;
}

export type GroupState = { readonly name: string; readonly externalId: string | null; readonly members: readonly string[] };

/** The group with a patch applied. */
export function patchedGroup(group: GroupState, patch: ScimPatch): GroupState {
  let { name, externalId, members } = group;
  for (const { op, path, value } of assignments(patch)) {
    const [, one] = /^members\[value eq "([^"]+)"\]$/i.exec(path) ?? [];
    if (one !== undefined && op === "remove") members = members.filter((id) => id !== one);
    else if (path.toLowerCase() === "members") {
      const named = value === undefined ? [] : scimMembers.parse(value).map((member) => member.value);
      members = op === "add" ? [...new Set([...members, ...named])] : op === "replace" ? named : named.length === 0 ? [] : members.filter((id) => !named.includes(id));
    } else if (path.toLowerCase() === "displayname") name = String(value);
    else if (path.toLowerCase() === "externalid") externalId = op === "remove" ? null : String(value);
    else throw new AppError("invalid_input", `The path ${path.slice(0, 100)} cannot be changed here.`);
  }
  return { name, externalId, members };
}
