import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import { allows, allowsSomewhere, type Permission } from "#lib/domain/access/permissions.ts";
import type { Actor } from "../../ports.ts";

export const OPEN: OpenAct = { open: true, closedBecause: null };
export const closed = (closedBecause: string): OpenAct => ({ open: false, closedBecause });

/** Whether this viewer may do it anywhere, else the sentence that says who may. */
export function actFor(actor: Actor, permission: Permission, who: string): OpenAct {
  return allowsSomewhere(actor, permission) ? OPEN : closed(`Open to ${who}.`);
}

/** The same for an object of this environment. */
export function actIn(actor: Actor, permission: Permission, environmentId: string, who: string): OpenAct {
  return allows(actor, permission, environmentId) ? OPEN : closed(`Open to ${who} of this environment.`);
}

export const BUILDERS = "engineers and ML leads";
