"use client";

import { useState, type ReactNode } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, TextArea } from "../ui/field.tsx";
import type { MonitoringAct } from "./use-monitoring-act.ts";

export type NoteDialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly act: MonitoringAct;
  readonly title: string;
  readonly submitLabel: string;
  readonly label: string;
  readonly pointer: string;
  /** Fields above the note. */
  readonly children?: ReactNode;
  readonly send: (note: string) => Promise<boolean>;
};

/** One dialog for the acts that want a few words. */
export function NoteDialog(props: NoteDialogProps) {
  return (
    <Dialog open={props.open} onClose={props.onClose} labelledBy="note-title">
      <NoteForm {...props} />
    </Dialog>
  );
}

function NoteForm({ onClose, act, title, submitLabel, label, pointer, children, send }: NoteDialogProps) {
  const [note, setNote] = useState("");
  const error = fieldMessage(act.problem, pointer);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send(note).then((done) => {
          if (done) onClose();
        });
      }}
    >
      <div className="dialog-body">
        <h2 id="note-title">{title}</h2>
        <ApiProblemSummary problem={act.problem} fieldFor={(at) => (at === pointer ? "note-text" : null)} />
        {children}
        <Field id="note-text" label={label} wide hint="Kept in the audit trail." error={error}>
          <TextArea id="note-text" rows={3} maxLength={1000} hinted error={error} value={note} onChange={(event) => { setNote(event.target.value); }} />
        </Field>
      </div>
      <div className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" closed={act.pending}>{submitLabel}</Button>
      </div>
    </form>
  );
}
