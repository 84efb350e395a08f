"use client";

import { useState, type ReactNode } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, PickGroup, TextArea, TextInput, type PickOption } from "../ui/field.tsx";
import { ActProblem } from "../shell/act-problem.tsx";
import type { ReleaseAct } from "./use-release-act.ts";

export type ReasonBody = {
  readonly reason: string;
  readonly confirm: string;
  readonly choice: string | null;
};

export type ReasonDialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly act: ReleaseAct;
  /** States the effect: "Hold release 142 at 25 %". */
  readonly title: string;
  readonly children: ReactNode;
  readonly submitLabel: string;
  readonly danger?: boolean;
  readonly cancelLabel: string;
  /** Shortest reason; 0: none is asked for, but one may be given. */
  readonly leastReason: number;
  /** Severe acts: the version to type. */
  readonly typed?: string | undefined;
  readonly choice?:
    | { readonly legend: string; readonly pointer: string; readonly options: readonly PickOption[] }
    | undefined;
  readonly body: (given: ReasonBody) => unknown;
};

/** One dialog for every act that wants a reason. Errors stand beside their field and in a summary that takes focus. */
export function ReasonDialog(props: ReasonDialogProps) {
  return (
    <Dialog open={props.open} onClose={props.onClose} labelledBy="reason-title">
      <ReasonForm {...props} />
    </Dialog>
  );
}

function ReasonForm(props: ReasonDialogProps) {
  const { act, leastReason, typed, choice } = props;
  const [reason, setReason] = useState("");
  const [confirm, setConfirm] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const given = reason.trim();
  const problems = {
    reason:
      given.length < leastReason
        ? `${String(given.length)} of at least ${String(leastReason)} characters.`
        : null,
    confirm: typed !== undefined && confirm.trim() !== typed ? `Type ${typed} exactly.` : null,
    choice: choice !== undefined && chosen === null ? "Choose one." : null,
  };
  const shown = (own: string | null, pointer: string) =>
    (tried ? own : null) ?? fieldMessage(act.problem, pointer);

  const submit = async () => {
    setTried(true);
    const firstBad = problems.choice
      ? "reason-choice"
      : problems.reason
        ? "reason-text"
        : problems.confirm
          ? "reason-confirm"
          : null;
    if (firstBad !== null) {
      document.getElementById(firstBad)?.focus();
      return;
    }
    if (await act.send(props.body({ reason: given, confirm: confirm.trim(), choice: chosen })))
      props.onClose();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="dialog-body">
        <h2 id="reason-title">{props.title}</h2>
        <ActProblem
          problem={act.problem}
          fields={{
            "/reason": "reason-text",
            "/confirmVersion": "reason-confirm",
            ...(choice ? { [choice.pointer]: "reason-choice" } : {}),
          }}
        />
        {props.children}
        {choice === undefined ? null : (
          <PickGroup
            id="reason-choice"
            legend={choice.legend}
            name="reason-choice"
            options={choice.options}
            value={chosen}
            onChange={setChosen}
            error={shown(problems.choice, choice.pointer)}
          />
        )}
        <Field
          id="reason-text"
          label={leastReason === 0 ? "Reason, if you want to leave one" : "Reason"}
          wide
          hint={
            leastReason === 0
              ? "Kept in the record."
              : `At least ${String(leastReason)} characters; a reviewer reads it in a year.`
          }
          error={shown(problems.reason, "/reason")}
        >
          <TextArea
            id="reason-text"
            hinted
            error={shown(problems.reason, "/reason")}
            rows={3}
            maxLength={2000}
            value={reason}
            data-autofocus={choice === undefined || undefined}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
        {typed === undefined ? null : (
          <Field
            id="reason-confirm"
            label={`Type ${typed} to confirm`}
            error={shown(problems.confirm, "/confirmVersion")}
          >
            <TextInput
              id="reason-confirm"
              className="mono"
              autoComplete="off"
              spellCheck={false}
              error={shown(problems.confirm, "/confirmVersion")}
              value={confirm}
              onChange={(event) => {
                setConfirm(event.target.value);
              }}
            />
          </Field>
        )}
      </div>
      <div className="dialog-foot">
        <Button onClick={props.onClose}>{props.cancelLabel}</Button>
        <Button
          type="submit"
          variant={props.danger ? "danger-solid" : "primary"}
          closed={act.pending}
        >
          {act.pending ? "Sending" : props.submitLabel}
        </Button>
      </div>
    </form>
  );
}
