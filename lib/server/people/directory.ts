import { z } from "zod";
import { emailAddress, personName } from "#lib/contracts/people-api.ts";
import type { OidcRoleRule } from "#lib/domain/access/oidc-roles.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { personTarget } from "../auth/actors.ts";
import { command } from "../command.ts";
import type { DirectoryGroup } from "../db/directory-repository.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor, AuditDraft, UnitOfWork } from "../ports.ts";
import { query } from "../read.ts";
import type { Store } from "../store.ts";
import { disablePerson, enablePerson } from "./change-roles.ts";
import { followGroups } from "./follow-groups.ts";

/** People and groups as a directory provisions them. Roles follow groups by the rules of single sign-on; roles given here beside them stay. */

const externalId = z.string().max(255).nullable().default(null);
const personFields = z.strictObject({ email: emailAddress, name: personName, externalId });
const groupFields = z.strictObject({ name: z.string().trim().min(1).max(255), externalId, members: z.array(z.uuid()).max(10_000) });
const page = { offset: z.number().int().min(0).max(1_000_000), limit: z.number().int().min(0).max(200) };

export type ProvisionedPerson = PersonRecord & { readonly groups: readonly { readonly id: string; readonly name: string }[] };

async function requirePerson(tx: Pick<UnitOfWork, "people">, id: string): Promise<PersonRecord> {
  const person = await tx.people.getPerson(id);
  if (person.kind !== "person") throw notFound();
  return person;
}

const taken = (email: string): AppError => new AppError("already_exists", `Somebody with the address ${email} is here already.`);

const provisionPerson = command({
  name: "provision-person",
  permission: "person:invite",
  input: personFields,
  async run({ tx, input }) {
    if (await tx.people.findPersonByEmail(input.email)) throw taken(input.email);
    const id = newId();
    await tx.people.insertPerson({ ...input, id, personId: id, passwordHash: null, demo: false });
    const person = { id, name: input.name };
    return { result: { id }, audit: { action: "user.created", targets: [personTarget(person)], after: { name: input.name, email: input.email, by: "scim" } } };
  },
});

const editPerson = command({
  name: "edit-provisioned-person",
  permission: "person:invite",
  input: personFields.partial().extend({ id: z.uuid() }),
  async locate({ tx, input }) {
    const person = await requirePerson(tx, input.id);
    return { environmentId: null, targets: [personTarget(person)], person };
  },
  async run({ tx, input: { id, ...change }, located: { person, targets } }) {
    const before = { name: person.name, email: person.email, externalId: person.externalId };
    const after = { ...before, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) } as typeof before;
    if (JSON.stringify(before) === JSON.stringify(after)) return { unchanged: true, result: null };
    const other = await tx.people.findPersonByEmail(after.email);
    if (other !== null && other.id !== id) throw taken(after.email);
    await tx.people.updatePerson(id, after);
    return { result: null, audit: { action: "user.updated", targets, before, after } };
  },
});

/** Roles of everybody whose membership may have changed. */
async function followAll(tx: UnitOfWork, rules: readonly OidcRoleRule[], userIds: readonly string[]): Promise<readonly AuditDraft[]> {
  const drafts: AuditDraft[] = [];
  for (const id of new Set(userIds)) {
    const person = await tx.people.getPerson(id);
    drafts.push(...(await followGroups(tx, person, rules, await tx.directory.groupNamesOf(id))));
  }
  return drafts;
}

async function setMembers(tx: UnitOfWork, groupId: string, members: readonly string[]): Promise<void> {
  const [stranger] = await tx.directory.setMembers(groupId, members);
  if (stranger !== undefined) throw new AppError("invalid_input", `There is no person ${stranger}.`, { errors: [{ pointer: "/members", message: "No such person." }] });
}

const groupTarget = (group: { readonly id: string; readonly name: string }) => ({ type: "group", id: group.id, name: group.name, digest: null });

const createGroup = (rules: readonly OidcRoleRule[]) => command({
  name: "create-group",
  permission: "person:grant",
  input: groupFields,
  async run({ tx, input }) {
    if (await tx.directory.findDirectoryGroup({ name: input.name })) throw new AppError("already_exists", `There is already a group named ${input.name}.`);
    const id = newId();
    await tx.directory.insertDirectoryGroup({ id, name: input.name, externalId: input.externalId });
    await setMembers(tx, id, input.members);
    const drafts = await followAll(tx, rules, input.members);
    return { result: { id }, audit: [{ action: "group.created", targets: [groupTarget({ id, name: input.name })], after: { members: input.members.length } }, ...drafts] };
  },
});

async function locateGroup({ tx, input }: { tx: UnitOfWork; input: { id: string } }) {
  const group = await tx.directory.findDirectoryGroup({ id: input.id });
  if (group === null) throw notFound();
  return { environmentId: null, targets: [groupTarget(group)], group };
}

const changeGroup = (rules: readonly OidcRoleRule[]) => command({
  name: "change-group",
  permission: "person:grant",
  input: groupFields.extend({ id: z.uuid() }),
  locate: locateGroup,
  async run({ tx, input, now, located: { group, targets } }) {
    await tx.directory.saveDirectoryGroup(group.id, { name: input.name, externalId: input.externalId, updatedAt: now });
    await setMembers(tx, group.id, input.members);
    const old = group.members.map(({ id }) => id);
    // With another name the rules may speak of it differently for everybody in it.
    const touched = input.name === group.name ? [...old.filter((id) => !input.members.includes(id)), ...input.members.filter((id) => !old.includes(id))] : [...old, ...input.members];
    const drafts = await followAll(tx, rules, touched);
    const change = { before: { name: group.name, members: old.length }, after: { name: input.name, members: input.members.length } };
    return { result: null, audit: [{ action: "group.changed", targets, ...change }, ...drafts] };
  },
});

const deleteGroup = (rules: readonly OidcRoleRule[]) => command({
  name: "delete-group",
  permission: "person:grant",
  input: z.strictObject({ id: z.uuid() }),
  locate: locateGroup,
  async run({ tx, located: { group, targets } }) {
    await tx.directory.deleteDirectoryGroup(group.id);
    const drafts = await followAll(tx, rules, group.members.map(({ id }) => id));
    return { result: null, audit: [{ action: "group.deleted", targets, before: { members: group.members.length } }, ...drafts] };
  },
});

const listPeople = query({
  name: "list-provisioned-people",
  permission: "person:read",
  of: "many",
  input: z.strictObject({ ...page, userName: z.string().max(254).optional(), externalId: z.string().max(255).optional(), id: z.uuid().optional() }),
  async run({ db, input: { offset, limit, id, ...by } }): Promise<{ readonly total: number; readonly rows: readonly ProvisionedPerson[] }> {
    const one = id === undefined ? null : await db.people.findPerson(id);
    const defined = Object.fromEntries(Object.entries(by).filter(([, value]) => value !== undefined));
    const found = id === undefined ? await db.directory.listDirectoryPeople(defined, { offset, limit }) : { total: one === null ? 0 : 1, rows: one?.kind === "person" ? [one] : [] };
    const groups = await db.directory.groupsOfPeople(found.rows.map((person) => person.id));
    return { total: found.total, rows: found.rows.map((person) => ({ ...person, groups: groups.get(person.id) ?? [] })) };
  },
});

const listGroups = query({
  name: "list-directory-groups",
  permission: "person:read",
  of: "many",
  input: z.strictObject({ ...page, name: z.string().max(255).optional(), externalId: z.string().max(255).optional(), id: z.uuid().optional() }),
  async run({ db, input: { offset, limit, id, ...by } }): Promise<{ readonly total: number; readonly rows: readonly DirectoryGroup[] }> {
    if (id === undefined) return db.directory.listDirectoryGroups(Object.fromEntries(Object.entries(by).filter(([, value]) => value !== undefined)), { offset, limit });
    const group = await db.directory.findDirectoryGroup({ id });
    return { total: group === null ? 0 : 1, rows: group === null ? [] : [group] };
  },
});

/** What a directory may do, with the rules by which groups give roles. */
export function createDirectory(store: Store, rules: readonly OidcRoleRule[]) {
  const [people, groups] = [listPeople(store), listGroups(store)];
  return {
    listPeople: people,
    listGroups: groups,
    provisionPerson: provisionPerson(store),
    editPerson: editPerson(store),
    createGroup: createGroup(rules)(store),
    changeGroup: changeGroup(rules)(store),
    deleteGroup: deleteGroup(rules)(store),
    /** Ends or restores access; nothing when it is so already. */
    async setActive(actor: Actor, personId: string, isActive: boolean): Promise<void> {
      const { rows } = await people(actor, { id: personId, offset: 0, limit: 1 });
      const [person] = rows;
      if (person === undefined) throw notFound();
      if ((person.disabledAt === null) === isActive) return;
      if (isActive) await enablePerson(store)(actor, { personId });
      else await disablePerson(store)(actor, { personId, reason: "Deactivated by the directory." });
    },
  };
}

export type Directory = ReturnType<typeof createDirectory>;
