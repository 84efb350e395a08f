import { PERMISSION_NAMES, ROLE_LABELS, type Permission, allowsSomewhere } from "#lib/domain/access/permissions.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

export type Viewer = {
  readonly actor: Actor;
  readonly person: PersonRecord | null;
  readonly permissions: readonly Permission[];
  readonly demoPeople: readonly PersonRecord[];
};

/** The caller as the screens need them. `isDemo`: whether switching people is offered. */
export async function whoAmI(store: Store, actor: Actor, isDemo: boolean): Promise<Viewer> {
  const { person, demoPeople } = await store.read(async (db) => ({
    person: actor.userId === null ? null : await db.people.findPerson(actor.userId),
    demoPeople: isDemo ? await db.people.listDemoPeople() : [],
  }));
  return {
    actor,
    person,
    permissions: PERMISSION_NAMES.filter((name) => allowsSomewhere(actor, name)),
    demoPeople: person?.demo === true ? demoPeople : [],
  };
}

/** Labels of somebody's roles, each once. */
export const roleLabels = (person: PersonRecord): readonly string[] =>
  [...new Set(person.grants.map(({ role }) => ROLE_LABELS[role]))];
