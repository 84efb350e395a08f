import { type OidcRoleRule, rolesForGroups } from "#lib/domain/access/oidc-roles.ts";
import { AppError } from "#lib/domain/errors.ts";
import { personTarget } from "../auth/actors.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import type { AuditDraft, UnitOfWork } from "../ports.ts";
import { assignRoles } from "./assign-roles.ts";

/** Makes the person's roles equal to what their groups give, as far as the rules speak of roles at all. */
export async function followGroups(
  tx: UnitOfWork,
  person: PersonRecord,
  rules: readonly OidcRoleRule[],
  groups: readonly string[],
): Promise<readonly AuditDraft[]> {
  const wanted = rolesForGroups(rules, groups);
  const isRuled = (role: string, environment: string | null): boolean =>
    rules.some((rule) => rule.role === role && rule.environment === environment);
  const isWanted = (role: string, environment: string | null): boolean =>
    wanted.some((one) => one.role === role && one.environment === environment);

  const gone = person.grants.filter(
    ({ role, environmentName }) => isRuled(role, environmentName) && !isWanted(role, environmentName),
  );
  if (gone.some(({ role, environmentId }) => role === "admin" && environmentId === null) && (await tx.people.countOtherAdministrators(person.id)) === 0) {
    throw new AppError("conflict", `${person.name} is the last administrator and would lose that by their groups.`, {
      hint: "Make somebody else an administrator first.",
    });
  }
  for (const { id } of gone) await tx.people.deleteGrant(id);
  const missing = wanted.filter(
    ({ role, environment }) =>
      !person.grants.some((grant) => grant.role === role && grant.environmentName === environment),
  );
  const granted = await assignRoles(tx, person, missing, { userId: null, pointer: "" });
  const revoked = gone.map(({ role, environmentName }) => ({
    action: "role.revoked" as const,
    targets: [personTarget(person)],
    before: { role, environment: environmentName },
  }));
  return [...revoked, ...granted];
}
