import { type PersonRole, isPersonRole } from "./permissions.ts";

/** Which roles the groups of an identity provider give. */
export type OidcRoleRule = { readonly group: string; readonly role: PersonRole; readonly environment: string | null };

/**
 * Reads `group=role[@environment], ...`; `*` is everybody. Answers the rules, or the part that cannot be read.
 * Example: `ml-leads=ml_lead,risk=validator@production,*=viewer`.
 */
export function parseRoleRules(text: string): { readonly rules: readonly OidcRoleRule[] } | { readonly problem: string } {
  const rules: OidcRoleRule[] = [];
  for (const part of text.split(",").map((item) => item.trim()).filter((item) => item !== "")) {
    const at = part.lastIndexOf("=");
    const [role = "", environment] = part.slice(at + 1).split("@", 2);
    if (at < 1 || !isPersonRole(role) || environment === "") return { problem: part };
    rules.push({ group: part.slice(0, at).trim(), role, environment: environment ?? null });
  }
  return { rules };
}

/** Roles for somebody in these groups, each once, in the order of the rules. */
export function rolesForGroups(
  rules: readonly OidcRoleRule[],
  groups: readonly string[],
): readonly { readonly role: PersonRole; readonly environment: string | null }[] {
  const given = rules.filter(({ group }) => group === "*" || groups.includes(group));
  return given
    .filter((rule, index) =>
      given.findIndex(({ role, environment }) => role === rule.role && environment === rule.environment) === index)
    .map(({ role, environment }) => ({ role, environment }));
}
