import type { z } from "zod";
import type { roleAssignment } from "#lib/contracts/people-api.ts";
import { ROLE_LABELS } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { newId } from "../new-id.ts";
import type { AuditDraft, UnitOfWork } from "../ports.ts";
import { personTarget } from "../auth/actors.ts";

export type RoleAssignment = z.output<typeof roleAssignment>;

/** Gives roles to a person, each with its entry for the trail. Throws `invalid_input` for an environment that is not there. */
export async function assignRoles(
  tx: UnitOfWork,
  person: { readonly id: string; readonly name: string },
  roles: readonly RoleAssignment[],
  by: { readonly userId: string | null; readonly pointer: string },
): Promise<readonly AuditDraft[]> {
  const drafts: AuditDraft[] = [];
  for (const [index, { role, environment: name }] of roles.entries()) {
    const environment = name === null ? null : await tx.endpoints.findEnvironment(name);
    if (name !== null && environment === null) {
      throw new AppError("invalid_input", `There is no environment named ${name}.`, {
        errors: [{ pointer: by.pointer.replace("{index}", String(index)), message: "No such environment." }],
      });
    }
    const environmentId = environment?.id ?? null;
    await tx.people.insertGrant({ id: newId(), userId: person.id, role, environmentId, grantedById: by.userId });
    drafts.push({
      action: "role.granted",
      targets: [
        personTarget(person),
        ...(environment === null
          ? []
          : [{ type: "environment", id: environment.id, name: environment.name, digest: null }]),
      ],
      after: { role, label: ROLE_LABELS[role], environment: environment?.name ?? null },
    });
  }
  return drafts;
}
