import type { ReleaseActions } from "#lib/contracts/views/release-view.ts";
import type { ActionAvailability } from "#lib/contracts/views/view-parts.ts";
import { allows, PERMISSIONS, rolesIn, ROLE_LABELS, type Permission } from "#lib/domain/access/permissions.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";
import { targetsOf, type PersonEventName } from "#lib/domain/release/machine.ts";
import type { Observation } from "#lib/domain/release/observation.ts";
import { personEventRefusal } from "#lib/domain/release/person-event.ts";
import { formatList } from "#lib/domain/release/wording.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { Actor } from "../../ports.ts";

type Door = { readonly event: PersonEventName; readonly permission: Permission; readonly severity: ActionAvailability["severity"] };

const DOORS = {
  submit: { event: "submit", permission: "release:create", severity: "mild" },
  start: { event: "start", permission: "release:start", severity: "mild" },
  approve: { event: "approve", permission: "release:approve", severity: "moderate" },
  reject: { event: "reject", permission: "release:reject", severity: "moderate" },
  hold: { event: "hold", permission: "release:hold", severity: "moderate" },
  resume: { event: "resume", permission: "release:resume", severity: "mild" },
  promote: { event: "promote_now", permission: "release:override", severity: "moderate" },
  passGate: { event: "pass_gate", permission: "release:promote", severity: "moderate" },
  rollback: { event: "roll_back", permission: "release:rollback", severity: "moderate" },
  cancel: { event: "cancel", permission: "release:cancel", severity: "moderate" },
  deprecate: { event: "deprecate", permission: "release:cancel", severity: "moderate" },
  changePlan: { event: "change_plan", permission: "release:create", severity: "mild" },
} as const satisfies Readonly<Record<string, Door>>;

const closed = (closedBecause: string, severity: ActionAvailability["severity"]): ActionAvailability => ({
  open: false,
  closedBecause,
  severity,
});

const peopleWith = (permission: Permission): string =>
  formatList(PERMISSIONS[permission].roles.filter((role) => role !== "policy" && role !== "system").map((role) => ROLE_LABELS[role]));

function availability(door: Door, record: ReleaseRecord, actor: Actor, observation: Observation, delegatedRoles: readonly string[]): ActionAvailability {
  const { release } = record;
  const word = RELEASE_LABELS[release.state].word.toLowerCase();
  if (targetsOf(release.state, door.event) === undefined) return closed(`Not possible while the release is ${word}.`, door.severity);
  if (!allows(actor, door.permission, record.environmentId)) {
    return closed(`Open to: ${peopleWith(door.permission)}.`, door.severity);
  }
  if (actor.personId === null) return closed("Open to people only.", door.severity);
  if (door.event === "approve" && release.approverRoles.length > 0) {
    const holds = [...rolesIn(actor, record.environmentId), ...delegatedRoles].some((role) => release.approverRoles.includes(role));
    if (!holds) return closed(`${record.environmentName} takes approvals from other roles.`, door.severity);
  }
  const refusal = personEventRefusal(release, door.event, actor.personId, observation);
  return refusal === null ? { open: true, closedBecause: null, severity: door.severity } : closed(refusal.message, door.severity);
}

/**
 * Every act with whether it is open to this person now, and if not, why. The same checks as the acts themselves.
 * `delegatedRoles` are those in which the person signs in the place of another at this moment.
 */
export function releaseActions(record: ReleaseRecord, actor: Actor, observation: Observation, delegatedRoles: readonly string[]): ReleaseActions {
  const of = (name: keyof typeof DOORS) => availability(DOORS[name], record, actor, observation, delegatedRoles);
  const owes = (record.outcome?.reasonDueAt ?? null) !== null;
  const isOwn = record.release.rollback?.personId === actor.personId;
  return {
    submit: of("submit"),
    start: of("start"),
    approve: of("approve"),
    reject: of("reject"),
    hold: of("hold"),
    resume: of("resume"),
    promote: of("promote"),
    passGate: of("passGate"),
    rollback: of("rollback"),
    cancel: of("cancel"),
    deprecate: of("deprecate"),
    changePlan: of("changePlan"),
    completeReason:
      owes && isOwn
        ? { open: true, closedBecause: null, severity: "mild" }
        : closed(owes ? "Whoever rolled back writes the reason." : "No reason is owed.", "mild"),
  };
}
