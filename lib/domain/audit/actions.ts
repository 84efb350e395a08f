/**
 * Every action that can stand in the audit trail: its label for people, and what it does to records. The one list;
 * names are `<subject>.<what happened>` and are never reused or renamed, because signed entries hold them for good.
 */

export const AUDIT_CRUD = ["create", "read", "update", "delete"] as const;
export type AuditCrud = (typeof AUDIT_CRUD)[number];

type Entry = { readonly label: string; readonly crud: AuditCrud };

const create = (label: string): Entry => ({ label, crud: "create" });
const read = (label: string): Entry => ({ label, crud: "read" });
const update = (label: string): Entry => ({ label, crud: "update" });
const remove = (label: string): Entry => ({ label, crud: "delete" });

export const AUDIT_ACTIONS = {
  "install.created": create("Set up this installation"),
  "demo.seeded": create("Loaded the demonstration"),
  "demo.reset": update("Reset the demonstration"),

  "model.created": create("Created model"),
  "model.updated": update("Changed model"),
  "version.registered": create("Registered version"),
  "version.contract_changed": update("Changed input contract"),
  "version.sealed": update("Sealed version"),
  "version.quarantined": update("Quarantined version"),
  "version.scanned": update("Read version again"),
  "version.signed": update("Added signature to version"),
  "version.tried": read("Tried version"),
  "version.try_answered": read("Answered a try of a version"),
  "version.referred": create("Noted a version that is kept elsewhere"),
  "version.registration_failed": create("Could not register version"),
  "version.described": update("Described version"),
  "version.withdrawn": update("Withdrew version from MLflow clients"),
  "version.tagged": update("Set tag of version"),
  "version.untagged": remove("Removed tag of version"),
  "model.withdrawn": update("Withdrew model from MLflow clients"),
  "model.tagged": update("Set tag of model"),
  "model.untagged": remove("Removed tag of model"),
  "alias.set": update("Set alias"),
  "alias.removed": remove("Removed alias"),
  "evidence.recorded": create("Recorded evidence"),
  "model.classified": create("Classified model"),
  "model.delivery_recorded": create("Recorded delivery context"),
  "model.deployed": create("Answered its first live request"),
  "control.decided": create("Decided on a control"),
  "catalogue.chosen": update("Switched regulatory catalogue"),
  "catalogue.pinned": create("Pinned regulatory catalogue"),
  "envelope.registered": create("Registered change plan"),
  "profile.ordered": create("Ordered a profile run"),

  "environment.created": create("Created environment"),
  "environment.policy_changed": update("Changed environment policy"),
  "waiver.signed": create("Signed waiver"),
  "waiver.revoked": update("Revoked waiver"),
  "endpoint.created": create("Created endpoint"),
  "endpoint.updated": update("Changed endpoint"),
  "endpoint.runtime_configured": update("Changed runtime configuration"),
  "deployment.started": create("Started deployment"),
  "deployment.ended": update("Ended deployment"),
  "route.changed": create("Changed traffic weights"),

  "release.created": create("Created release"),
  "release.plan_changed": update("Changed release plan"),
  "release.submitted": update("Submitted release for approval"),
  "release.evidence_changed": update("Took note of changed evidence"),
  "release.approved": update("Approved release"),
  "release.rejected": update("Rejected release"),
  "release.cancelled": update("Cancelled release"),
  "release.expired": update("Let release expire"),
  "release.started": update("Started release"),
  "release.provisioned": update("Provisioned candidate"),
  "release.warmed": update("Warmed candidate"),
  "release.shadowing_started": update("Started shadowing"),
  "release.step_entered": update("Entered step"),
  "release.held": update("Held release"),
  "release.resumed": update("Resumed release"),
  "release.gate_reached": update("Reached a gate"),
  "release.gate_passed": update("Passed a gate"),
  "release.promotion_ordered": update("Ordered promotion"),
  "release.promoted": update("Promoted release"),
  "release.rollback_ordered": update("Ordered rollback"),
  "release.rolled_back": update("Rolled back release"),
  "release.rollback_reason_given": update("Gave the reason of an emergency rollback"),
  "release.aborted": update("Aborted release"),
  "release.superseded": update("Superseded release"),
  "release.challenger_deprecated": update("Deprecated challenger"),
  "release.baked": update("Finished bake"),
  "release.completed": update("Completed release"),
  "release.previous_released": update("Let the previous version go"),
  "approval.voided": update("Voided approval"),

  "target.created": create("Created target"),
  "target.version_bound": update("Put version on a target"),
  "target.restored": update("Restored what a target serves"),

  "batch.input_received": create("Received rows for batch jobs"),
  "batch.job_created": create("Started batch job"),
  "batch.job_paused": update("Paused batch job"),
  "batch.job_resumed": update("Resumed batch job"),
  "batch.job_cancelled": update("Cancelled batch job"),
  "batch.job_succeeded": update("Finished batch job"),
  "batch.job_failed": update("Failed batch job"),
  "batch.output_made_current": update("Made batch output current"),
  "batch.schedule_created": create("Created batch schedule"),
  "batch.schedule_enabled": update("Enabled batch schedule"),
  "batch.schedule_disabled": update("Disabled batch schedule"),
  "batch.schedule_due": update("Started a scheduled batch run"),
  "batch.change_proposed": create("Proposed a version for a batch endpoint"),
  "batch.change_compared": update("Compared two versions on a slice"),
  "batch.change_approved": update("Approved batch change"),
  "batch.change_rejected": update("Rejected batch change"),
  "batch.change_withdrawn": update("Withdrew batch change"),
  "batch.change_reverted": update("Reverted batch change"),

  "runtime.registered": create("Registered runtime"),
  "runtime.rejoined": update("Runtime rejoined"),
  "runtime.lost": update("Lost runtime"),
  "runtime.retired": update("Retired runtime"),
  "runtime.version_quarantined": create("Runtime quarantined a version"),
  "runtime.answers_differed": create("Runtimes answered differently"),
  "runtime.finding_cleared": update("Runtime finding is over"),
  "runtime.quarantine_lifted": update("Lifted a runtime's quarantine"),
  "runtime.safe_state_entered": update("Runtime fell back to stable by itself"),
  "runtime.local_rollback_reported": update("Reported a rollback made on the host"),

  "user.created": create("Created user"),
  "user.updated": update("Changed user"),
  "user.disabled": update("Disabled user"),
  "user.enabled": update("Enabled user"),
  "user.password_changed": update("Changed password"),
  "group.created": create("Created group"),
  "group.changed": update("Changed group"),
  "group.deleted": remove("Deleted group"),
  "role.granted": create("Granted role"),
  "role.revoked": remove("Revoked role"),
  "invitation.created": create("Created sign-in link"),
  "session.started": create("Signed in"),
  "session.ended": update("Signed out"),
  "session.revoked": update("Revoked session"),
  "session.reauthenticated": update("Re-authenticated"),
  "token.created": create("Created API token"),
  "token.revoked": update("Revoked API token"),
  "signin.failed": read("Sign-in failed"),
  "signin.locked": update("Locked sign-in"),
  "access.denied": read("Access denied"),

  "incident.opened": create("Opened incident"),
  "incident.updated": update("Changed incident"),
  "incident.closed": update("Closed incident"),
  "incident.reopened": update("Opened incident again"),
  "incident.reported": create("Sent incident report"),
  "evidence.preserved": create("Preserved evidence"),
  "evidence.hold_released": update("Released preserved evidence"),
  "signing.rules_changed": update("Changed signing rules"),
  "delegation.given": create("Gave a delegation"),
  "delegation.ended": update("Ended a delegation"),
  "release.challenged": create("Wrote in the challenge log"),
  "release.break_glass_asked": create("Asked for break-glass"),
  "release.break_glass_used": update("Approved by break-glass"),
  "release.break_glass_reviewed": update("Reviewed break-glass"),
  "audit.sample_drawn": create("Drew a sample"),
  "audit.sample_tested": update("Tested a sample"),
  "finding.raised": create("Raised finding"),
  "finding.closed": update("Closed finding"),
  "card.section_written": update("Wrote section of model card"),
  "card.imported": update("Imported model card"),
  "card.signed": update("Signed model card"),
  "card.published": update("Published model card"),
  "card.signatures_voided": update("Voided signatures on model card"),
  "runbook.written": create("Wrote runbook"),
  "runbook.assigned": update("Assigned runbook"),
  "runbook.acknowledged": update("Acknowledged runbook"),
  "runbook.linked": update("Linked runbook"),

  "baseline.recorded": create("Recorded monitoring baseline"),
  "baseline.frozen": create("Froze monitoring baseline"),
  "alert.rules_changed": update("Changed alert rules"),
  "alert.fired": create("Alert fired"),
  "alert.refired": update("Alert fired again within its cooldown"),
  "alert.resolved": update("Alert resolved"),
  "alert.acknowledged": update("Acknowledged alert"),
  "alert.silenced": create("Silenced alerts"),
  "alert.silence_ended": update("Ended silence of alerts"),
  "alert.linked": update("Linked alert to incident"),

  "channel.created": create("Created channel"),
  "channel.changed": update("Changed channel"),
  "channel.removed": remove("Removed channel"),
  "channel.disabled": update("Stopped sending to a channel that fails"),
  "delivery.replayed": create("Sent a message again"),

  "audit.exported": read("Exported audit trail"),
  "audit.verified": read("Verified audit trail"),
  "audit.key_rotated": update("Changed the audit signing key"),
} as const satisfies Readonly<Record<string, Entry>>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS).filter(isAuditAction);

export function isAuditAction(name: string): name is AuditAction {
  return Object.hasOwn(AUDIT_ACTIONS, name);
}

/** The label for people; an action that this version does not know (an older or newer entry) shows its own name. */
export function auditActionLabel(name: string): string {
  return isAuditAction(name) ? AUDIT_ACTIONS[name].label : name;
}
