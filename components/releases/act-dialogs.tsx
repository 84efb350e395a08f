"use client";

import { formatWeight } from "#lib/client/format-number.ts";
import type { ReleaseActionName, ReleaseView } from "#lib/contracts/views/release-view.ts";
import { ApproveDialog } from "./approve-dialog.tsx";
import { ChangePlanDialog } from "./change-plan-dialog.tsx";
import { ReasonDialog, type ReasonDialogProps } from "./reason-dialog.tsx";
import { causeOptions } from "./rollback-dialog.tsx";
import { useToast } from "../ui/toast.tsx";
import { useReleaseAct, type ReleaseAct } from "./use-release-act.ts";

/** Acts that open a dialog of their own kind; roll back has its own. */
export type DialogAct = Exclude<ReleaseActionName, "rollback">;
type WordedAct = Exclude<DialogAct, "approve" | "changePlan">;

type Wording = Pick<
  ReasonDialogProps,
  | "title"
  | "children"
  | "submitLabel"
  | "danger"
  | "cancelLabel"
  | "leastReason"
  | "typed"
  | "choice"
  | "body"
>;

export type ActDialogProps = {
  readonly name: DialogAct;
  readonly release: ReleaseView;
  readonly onClose: () => void;
};

/** The confirming dialog of one act, open as long as it stands on the page. */
export function ActDialog({ name, release, onClose }: ActDialogProps) {
  const toast = useToast();
  const sent = useReleaseAct(release, name);
  const act: ReleaseAct = {
    ...sent,
    send: async (body) => {
      const done = await sent.send(body);
      if (done)
        toast({ shape: "passed", text: `${doneWords[name]}, release ${String(release.number)}` });
      return done;
    },
  };
  if (name === "approve")
    return <ApproveDialog open onClose={onClose} release={release} act={act} />;
  if (name === "changePlan")
    return <ChangePlanDialog open onClose={onClose} release={release} act={act} />;
  return <ReasonDialog open onClose={onClose} act={act} {...wordings[name](release)} />;
}

const doneWords: Readonly<Record<DialogAct, string>> = {
  submit: "Approval asked for",
  start: "Started",
  approve: "Signed and approved",
  reject: "Rejected",
  cancel: "Cancelled",
  deprecate: "Challenger ended",
  changePlan: "Plan changed",
  hold: "Held",
  resume: "Resumed",
  promote: "Promotion ordered",
  passGate: "Passed",
  completeReason: "Reason saved",
};

const reasonOnly = ({ reason }: { reason: string }) => ({ reason });
const reasonIfAny = ({ reason }: { reason: string }) => (reason === "" ? {} : { reason });
const keep = "Not now";

const wordings: Readonly<Record<WordedAct, (release: ReleaseView) => Wording>> = {
  submit: (release) => ({
    title: `Ask for approval of ${name(release)}`,
    children: (
      <p>
        Plan and evidence are bound to one digest from here on. A change afterwards voids approvals.
      </p>
    ),
    submitLabel: "Ask for approval",
    cancelLabel: keep,
    leastReason: 0,
    body: reasonIfAny,
  }),
  start: (release) => ({
    title: `Start ${name(release)}`,
    children: (
      <p>
        Every live runtime loads and warms it first. Traffic moves only after that, by the plan.
      </p>
    ),
    submitLabel: "Start",
    cancelLabel: keep,
    leastReason: 0,
    body: () => ({}),
  }),
  reject: (release) => ({
    title: `Reject ${name(release)}`,
    children: <p>The release ends here. Its author can make a new one with what you ask for.</p>,
    submitLabel: "Reject",
    danger: true,
    cancelLabel: keep,
    leastReason: 10,
    body: ({ reason }) => ({ reason, digest: release.approvals.boundDigest }),
  }),
  cancel: (release) => ({
    title: `Cancel ${name(release)}`,
    children: <p>It has had no traffic and gets none. The record stays.</p>,
    submitLabel: "Cancel the release",
    danger: true,
    cancelLabel: "Keep it",
    leastReason: 10,
    body: reasonOnly,
  }),
  deprecate: (release) => ({
    title: `End ${name(release)} as challenger`,
    children: (
      <p>
        Its copy of the traffic stops on every runtime, which is waited for and timed. What the
        comparison found stays in the record; callers notice nothing.
      </p>
    ),
    submitLabel: "End the challenger",
    danger: true,
    cancelLabel: "Keep mirroring",
    leastReason: 10,
    body: reasonOnly,
  }),
  hold: (release) => ({
    title: `Hold at ${formatWeight(release.weightBp)}`,
    children: (
      <p>
        Traffic stays as it is and evidence goes on counting. The plan does not advance until
        somebody resumes; harm still rolls back.
      </p>
    ),
    submitLabel: "Hold",
    cancelLabel: "Let it go on",
    leastReason: 10,
    body: reasonOnly,
  }),
  resume: (release) => ({
    title: `Resume at ${formatWeight(release.weightBp)}`,
    children: (
      <p>
        {release.holdReason === "LIMIT_CROSSED"
          ? "A guard is past its limit. Resuming accepts that for this release, and your name stands beside it."
          : "The plan goes on from the present step with what has been counted so far."}
      </p>
    ),
    submitLabel: "Resume",
    cancelLabel: "Keep holding",
    leastReason: release.holdReason === "LIMIT_CROSSED" ? 10 : 0,
    body: reasonIfAny,
  }),
  promote: (release) => promotion(release),
  passGate: (release) =>
    release.state === "BAKING"
      ? {
          title: `End the bake of ${name(release)}`,
          children: (
            <p>
              {release.stable.versionName} may then be unloaded; going back takes longer from there
              on.
            </p>
          ),
          submitLabel: "End the bake",
          cancelLabel: "Keep watching",
          leastReason: 10,
          body: reasonOnly,
        }
      : {
          ...gateWords(release),
          cancelLabel: keep,
          leastReason: 10,
          body: ({ reason }) => ({
            reason,
            ...(release.approvals.boundDigest === null
              ? {}
              : { digest: release.approvals.boundDigest }),
          }),
        },
  completeReason: (release) => ({
    title: `Write why you rolled back release ${String(release.number)}`,
    children: (
      <p>
        The rollback is done; only its reason is still owed. It becomes part of the record beside
        the measured time.
      </p>
    ),
    submitLabel: "Save the reason",
    cancelLabel: "Later",
    leastReason: 10,
    choice: { legend: "Cause", pointer: "/cause", options: causeOptions },
    body: ({ reason, choice }) => ({ reason, cause: choice }),
  }),
};

/** What passing the gate does, which differs by strategy. */
function gateWords(release: ReleaseView): Pick<Wording, "title" | "children" | "submitLabel"> {
  const { byStrategy, stable, candidate } = release;
  if (byStrategy.isMirroring) {
    return {
      title: `Give ${name(release)} traffic`,
      children: (
        <p>
          {byStrategy.paired?.summary ?? "Nothing has been compared."} From here on callers meet its
          answers, by the steps of the plan.
        </p>
      ),
      submitLabel: "Begin the steps",
    };
  }
  if (byStrategy.name === "blue_green") {
    return {
      title: `Switch all traffic to ${candidate.versionName}`,
      children: (
        <p>
          One switch on every runtime. {stable.versionName} stays loaded through the bake; going
          back is the same switch the other way and no request fails.
        </p>
      ),
      submitLabel: "Switch all traffic",
    };
  }
  return {
    title: `Pass the gate of step ${String(release.stepIndex + 1)}`,
    children: <p>The plan asks a person here. Passing it lets the next step begin at once.</p>,
    submitLabel: "Pass the gate",
  };
}

function name(release: ReleaseView): string {
  return `${release.candidate.modelName} ${release.candidate.versionName}`;
}

/** An override says which guards it goes over; past a limit the version has to be typed and the reason be longer. */
function promotion(release: ReleaseView): Wording {
  const severe = release.actions.promote.severity === "severe";
  const past = release.guards.filter((guard) => guard.word === "HARM");
  const open = release.guards.filter(
    (guard) => guard.word === "UNDECIDED" || guard.word === "NO_DATA",
  );
  return {
    title: `Send 100\u00a0% of ${release.environmentName} to ${release.candidate.versionName}`,
    children: (
      <>
        <p>
          This goes over the plan: it skips what is left of the steps and starts the bake. Your name
          and reason stand in the record.
        </p>
        <div className="undone">
          <b>{past.length > 0 ? "Past limit" : "Not proven"}</b>
          {(past.length > 0 ? past : open).map((guard) => (
            <span key={guard.metric}>{guard.summary}</span>
          ))}
          {past.length + open.length === 0 ? (
            <span>Every guard is within its limit; only dwell or units are missing.</span>
          ) : null}
        </div>
      </>
    ),
    submitLabel: "Promote now",
    danger: severe,
    cancelLabel: `Keep at ${formatWeight(release.weightBp)}`,
    leastReason: severe ? 30 : 10,
    typed: severe ? release.candidate.versionName : undefined,
    body: ({ reason, confirm }) => ({ reason, ...(severe ? { confirmVersion: confirm } : {}) }),
  };
}
