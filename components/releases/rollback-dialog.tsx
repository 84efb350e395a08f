"use client";

import { useState } from "react";
import { type ApiProblem, fieldMessage } from "#lib/client/api-client.ts";
import { formatMeasured, formatWeight } from "#lib/client/format-number.ts";
import { rollbackCauses } from "#lib/contracts/release-api.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, PickGroup, TextArea } from "../ui/field.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { ActProblem } from "../shell/act-problem.tsx";
import { RollbackWatch } from "./rollback-watch.tsx";
import type { ReleaseAct } from "./use-release-act.ts";

type Cause = (typeof rollbackCauses)[number];
const causeWords: Readonly<Record<Cause, string>> = {
  errors: "Errors",
  latency: "Latency",
  wrong_predictions: "Wrong predictions",
  data_issue: "Data issue",
  business_decision: "Business decision",
};
export const causeOptions = rollbackCauses.map((value) => ({ value, label: causeWords[value] }));
const LEAST_REASON = 10;

export type RollbackDialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly release: ReleaseView;
  readonly act: ReleaseAct;
  /** Opened by key: Enter alone is the emergency path. */
  readonly byKey: boolean;
  /** Clock of this page, ms, when this viewer ordered it; the stopwatch runs from there. */
  readonly orderedMs: number | null;
  readonly onOrder: () => void;
};

/** Title states the effect; then what is not undone, a cause, a reason. After the order: the stopwatch. */
export function RollbackDialog({
  open,
  onClose,
  release,
  act,
  byKey,
  orderedMs,
  onOrder,
}: RollbackDialogProps) {
  const watching = release.stopwatch !== null || (orderedMs !== null && act.problem === null);
  return (
    <Dialog open={open} onClose={onClose} labelledBy="rollback-title" className="dialog is-wide">
      {watching ? (
        <>
          <div className="dialog-body">
            <h2 id="rollback-title" className="vh">
              Rollback stopwatch
            </h2>
            <RollbackWatch release={release} orderedMs={orderedMs} />
          </div>
          <div className="dialog-foot">
            <a className="btn btn-primary" href="#log" onClick={onClose}>
              Open the record
            </a>
            <Button onClick={onClose}>Close</Button>
          </div>
        </>
      ) : (
        <RollbackForm
          onClose={onClose}
          release={release}
          act={act}
          byKey={byKey}
          onOrder={onOrder}
        />
      )}
    </Dialog>
  );
}

type FormProps = Omit<RollbackDialogProps, "open" | "orderedMs">;

function RollbackForm({ onClose, release, act, byKey, onOrder }: FormProps) {
  const [cause, setCause] = useState<Cause | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const { rollback } = release;
  const causeError =
    tried && cause === null ? "Choose what led to it." : fieldMessage(act.problem, "/cause");
  const reasonError =
    tried && reason.trim().length < LEAST_REASON
      ? `${String(reason.trim().length)} of at least ${String(LEAST_REASON)} characters.`
      : fieldMessage(act.problem, "/reason");

  const order = (body: unknown) => {
    onOrder();
    void act.send(body);
  };
  const submit = () => {
    setTried(true);
    if (cause === null || reason.trim().length < LEAST_REASON) {
      document.getElementById(cause === null ? "rollback-cause" : "rollback-reason")?.focus();
      return;
    }
    order({ cause, reason: reason.trim() });
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="dialog-body">
        <h2 id="rollback-title">
          Send 100&nbsp;% of {release.environmentName} to {rollback.toVersionName}
        </h2>
        <ActProblem
          problem={act.problem}
          fields={{ "/cause": "rollback-cause", "/reason": "rollback-reason" }}
        />
        <p>
          {release.candidate.versionName} gets no new request on endpoint{" "}
          <b>{release.endpointName}</b>. Requests already with it may finish.{" "}
          {lastMeasured(rollback)}
        </p>
        {rollback.notUndone.length === 0 ? null : (
          <div className="undone">
            <b>Not undone</b>
            {rollback.notUndone.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </div>
        )}
        <PickGroup
          id="rollback-cause"
          legend="Cause"
          name="cause"
          options={causeOptions}
          value={cause}
          onChange={(value) => {
            setCause(rollbackCauses.find((known) => known === value) ?? null);
          }}
          error={causeError}
        />
        <Field
          id="rollback-reason"
          label="In your words"
          wide
          hint="At least 10 characters. In an emergency, roll back now and write it within 24 h."
          error={reasonError}
        >
          <TextArea
            id="rollback-reason"
            hinted
            error={reasonError}
            rows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                submit();
              }
            }}
          />
        </Field>
      </div>
      <div className="dialog-foot">
        <span className="key-hint">
          <KeyHints
            hints={[
              { keys: ["Enter"], does: byKey ? "roll back now" : "roll back" },
              { keys: ["Esc"], does: "keep" },
            ]}
          />
        </span>
        <Button onClick={onClose}>Keep at {formatWeight(release.weightBp)}</Button>
        <Button
          variant="danger"
          data-autofocus={byKey || undefined}
          closed={act.pending}
          onClick={() => {
            order({ emergency: true });
          }}
        >
          Now, reason to follow
        </Button>
        <Button variant="danger-solid" type="submit" closed={act.pending}>
          Roll back to {rollback.toVersionName}
        </Button>
      </div>
    </form>
  );
}

function lastMeasured({ lastMeasuredMs, p95Ms, measurements }: ReleaseView["rollback"]): string {
  if (lastMeasuredMs === null) return "No rollback has been measured on this endpoint yet.";
  const last = `Last measured rollback here: ${formatMeasured(lastMeasuredMs)}`;
  return p95Ms === null
    ? `${last}.`
    : `${last}, p95 of the last ${String(measurements)}: ${formatMeasured(p95Ms)}.`;
}

/** Whether this refusal may have left the order carried out: the stopwatch then waits for the truth. */
export function isUnanswered(problem: ApiProblem | null): boolean {
  return problem?.status === 0;
}
