import { allows, isPersonRole, type PersonRole } from "./permissions.ts";

/** What happened to somebody's rights, in the order of the trail. Environments by name: an entry of a taken role names no id. */
export type StandingEvent =
  | { readonly kind: "granted" | "revoked"; readonly userId: string; readonly role: string; readonly environment: string | null }
  | { readonly kind: "disabled" | "enabled"; readonly userId: string };

export type HeldRole = { readonly role: PersonRole; readonly environment: string | null };
export type Standing = { readonly isDisabled: boolean; readonly roles: readonly HeldRole[] };

const NOTHING: Standing = { isDisabled: false, roles: [] };

function step(before: Standing, event: StandingEvent): Standing {
  if (!("role" in event)) return { ...before, isDisabled: event.kind === "disabled" };
  const { role, environment } = event;
  // A role that this program does not know gives nothing, then as now.
  if (!isPersonRole(role)) return before;
  const others = before.roles.filter((held) => held.role !== role || held.environment !== environment);
  return { ...before, roles: event.kind === "granted" ? [...others, { role, environment }] : others };
}

/** Who held which roles once all of these had happened. */
export function standingsAfter(events: readonly StandingEvent[]): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing>();
  for (const event of events) standings.set(event.userId, step(standings.get(event.userId) ?? NOTHING, event));
  return standings;
}

/** Roles that reach into an environment, if they let their holder approve a release there at all; none for somebody who was disabled. */
export function approvingRoles({ isDisabled, roles }: Standing, environment: string): PersonRole[] {
  const reaching = roles.filter((held) => held.environment === null || held.environment === environment);
  if (isDisabled || !allows({ roles: reaching.map(({ role }) => ({ role, environmentId: null })), scopes: null }, "release:approve", null)) return [];
  return [...new Set(reaching.map(({ role }) => role))];
}
