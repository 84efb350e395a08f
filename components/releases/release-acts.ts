import { formatWeight } from "#lib/client/format-number.ts";
import type { ReleaseActionName, ReleaseView } from "#lib/contracts/views/release-view.ts";

/** Which act stands where on the bar, and what its button says. The order never changes with the state. */

export type ActLabel = { readonly name: ReleaseActionName; readonly label: string };

/** The one primary act of a state; null where nothing moves a release forward. */
export function primaryAct(release: ReleaseView): ActLabel | null {
  const next = release.steps[release.stepIndex + 1];
  switch (release.state) {
    case "DRAFT":
      return { name: "submit", label: "Ask for approval" };
    case "PENDING_APPROVAL":
      return { name: "approve", label: "Approve" };
    case "APPROVED":
      return { name: "start", label: "Start" };
    case "AWAITING_GATE":
      return {
        name: "passGate",
        label: release.byStrategy.isMirroring
          ? `Go on: ${formatWeight(release.steps[0]?.weightBp ?? 10_000)}`
          : release.byStrategy.name === "blue_green"
            ? "Switch all traffic"
            : next === undefined
              ? "Pass the gate: promote"
              : `Pass the gate: ${formatWeight(next.weightBp)}`,
      };
    case "STEP_ACTIVE":
    case "HOLDING":
      return { name: "promote", label: "Promote now" };
    case "BAKING":
      return { name: "passGate", label: "End the bake" };
    case "ROLLING_BACK":
    case "ROLLED_BACK":
      return release.actions.completeReason.open
        ? { name: "completeReason", label: "Write the reason" }
        : null;
    default:
      return null;
  }
}

/** Hold, or resume while it is held. */
export function holdAct(release: ReleaseView): ActLabel {
  return release.state === "HOLDING"
    ? { name: "resume", label: "Resume" }
    : { name: "hold", label: "Hold" };
}

/** What stands under More, with a line each. */
export function moreActs(release: ReleaseView): readonly (ActLabel & { readonly note: string })[] {
  const acts: (ActLabel & { readonly note: string })[] = [
    { name: "reject", label: "Reject…", note: "Ends the request; asks for a reason" },
    { name: "cancel", label: "Cancel…", note: "Withdraws it before it has traffic" },
    { name: "changePlan", label: "Change the plan…", note: "Before the start; voids approvals" },
    { name: "deprecate", label: "End the challenger…", note: "Stops its copy of the traffic" },
    { name: "promote", label: "Promote now…", note: "Signed override; asks for a reason" },
    { name: "completeReason", label: "Write the reason…", note: "Owed for an emergency rollback" },
  ];
  const primary = primaryAct(release)?.name;
  return acts.filter(
    (act) => act.name !== primary && (release.actions[act.name].open || isNear(release, act.name)),
  );
}

/** A closed act is listed only where somebody would look for it. */
function isNear(release: ReleaseView, name: ReleaseActionName): boolean {
  if (name === "reject") return release.state === "PENDING_APPROVAL";
  if (name === "cancel") return ["DRAFT", "PENDING_APPROVAL", "APPROVED"].includes(release.state);
  return name === "promote" && release.state === "AWAITING_GATE";
}
