import type { PersonRole } from "#lib/domain/access/permissions.ts";
import { personTarget } from "../auth/actors.ts";
import { newId } from "../new-id.ts";
import { assignRoles } from "../people/assign-roles.ts";
import { systemActor } from "../ports.ts";
import type { Store } from "../store.ts";

export type DemoPerson = { readonly email: string; readonly name: string; readonly roles: readonly PersonRole[] };

/** Who is at work in the demonstration. The first is whom the link in the terminal signs in. None has a password. */
export const DEMO_PEOPLE: readonly [DemoPerson, ...DemoPerson[]] = [
  { email: "lead@demo", name: "Maren Okafor", roles: ["ml_lead"] },
  { email: "reviewer@demo", name: "Ruth Keller", roles: ["compliance", "auditor"] },
  { email: "engineer@demo", name: "Priya Nair", roles: ["engineer"] },
  { email: "validator@demo", name: "Yusuf Demir", roles: ["validator"] },
  { email: "admin@demo", name: "Oskar Lind", roles: ["admin"] },
];

/** Makes those who are not there yet; asking again changes nothing. */
export async function ensureDemoPeople(store: Store): Promise<void> {
  for (const { email, name, roles } of DEMO_PEOPLE) {
    if (await store.read((db) => db.people.findPersonByEmail(email))) continue;
    const id = newId();
    await store.write(async ({ uow, appendAudit }) => {
      await uow.people.insertPerson({ id, email, name, personId: id, passwordHash: null, demo: true });
      const assignments = roles.map((role) => ({ role, environment: null }));
      const grants = await assignRoles(uow, { id, name }, assignments, { userId: null, pointer: "" });
      const actor = systemActor("Demonstration");
      const created = { action: "user.created", targets: [personTarget({ id, name })], after: { name, email, demo: true } } as const;
      await appendAudit({ drafts: [created, ...grants], actor, context: actor.context, forceCheckpoint: false });
    });
  }
}
