"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import type { PlanStepDraft } from "#lib/contracts/views/new-release-view.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, TextArea } from "../ui/field.tsx";
import { ActProblem } from "../shell/act-problem.tsx";
import { PlanEditor } from "./plan-editor.tsx";
import type { ReleaseAct } from "./use-release-act.ts";

const LEAST_REASON = 10;

type Props = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly release: ReleaseView;
  readonly act: ReleaseAct;
};

/** The steps of a plan that has not begun. What was signed for the old plan is void afterwards. */
export function ChangePlanDialog({ open, onClose, release, act }: Props) {
  return (
    <Dialog open={open} onClose={onClose} labelledBy="change-plan-title" className="dialog is-wide">
      <ChangePlanForm release={release} act={act} onClose={onClose} />
    </Dialog>
  );
}

function ChangePlanForm({ release, act, onClose }: Omit<Props, "open">) {
  const given: readonly PlanStepDraft[] = release.steps.map(
    ({ weightBp, advance, dwellSeconds, minUnits }) => ({
      weightBp,
      advance,
      dwellSeconds,
      minUnits,
    }),
  );
  const [steps, setSteps] = useState(given);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const short = reason.trim().length < LEAST_REASON;
  const problem =
    tried && short
      ? `At least ${String(LEAST_REASON)} characters.`
      : fieldMessage(act.problem, "/reason");
  const voids = release.approvals.given;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (short) {
          document.getElementById("change-plan-reason")?.focus();
          return;
        }
        void act.send({ plan: { ...release.plan, steps }, reason: reason.trim() }).then((done) => {
          if (done) onClose();
        });
      }}
    >
      <div className="dialog-body">
        <h2 id="change-plan-title">Change the plan of release {release.number}</h2>
        <ActProblem
          problem={act.problem}
          fields={{ "/reason": "change-plan-reason", "/plan": "plan-editor" }}
        />
        <p>
          Another plan has another digest.{" "}
          {voids === 0
            ? "Nobody has approved the present one."
            : `${String(voids)} approval${voids === 1 ? "" : "s"} given to the present one will be void.`}
        </p>
        <PlanEditor
          chosen={{
            bakeSeconds: release.bake.seconds,
            requestsPerSecond: null,
            steps: [...given],
            guards: [],
          }}
          steps={steps}
          onChange={setSteps}
          problem={act.problem}
        />
        <Field id="change-plan-reason" label="Reason" wide error={problem}>
          <TextArea
            id="change-plan-reason"
            rows={2}
            maxLength={2000}
            error={problem}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
      </div>
      <div className="dialog-foot">
        <Button onClick={onClose}>Keep the plan</Button>
        <Button type="submit" variant="primary" closed={act.pending}>
          {act.pending ? "Sending" : "Change the plan"}
        </Button>
      </div>
    </form>
  );
}
