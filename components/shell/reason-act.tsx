"use client";

import { useId, useState, type ReactNode } from "react";
import { ApiProblemSummary } from "./api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, TextArea } from "../ui/field.tsx";
import { useAct } from "./use-act.ts";

export type ReasonActProps = {
  readonly label: string;
  /** What is read out beside the label where several buttons look alike. */
  readonly about?: string;
  readonly title: string;
  readonly children: ReactNode;
  /** What is too long for a sentence, such as a table of what will be touched. */
  readonly details?: ReactNode;
  readonly path: string;
  /** First parts of the query keys that the act makes old. */
  readonly topics: readonly string[];
  readonly body?: Readonly<Record<string, unknown>>;
  readonly variant?: "plain" | "primary" | "danger";
  readonly small?: boolean;
  /** Why it is closed; null when it is open. */
  readonly closedBecause?: string | null;
};

const LEAST = 10;

/** A button whose act wants a reason: it opens one dialog that says what will happen. */
export function ReasonAct({ label, about, title, children, details, path, topics, body = {}, variant = "plain", small = false, closedBecause = null }: ReasonActProps) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const act = useAct(topics);
  const id = useId();
  const short = reason.trim().length < LEAST ? `${String(reason.trim().length)} of at least ${String(LEAST)} characters.` : null;
  const submit = async () => {
    setTried(true);
    if (short !== null) {
      document.getElementById(`${id}-reason`)?.focus();
      return;
    }
    if (await act.send(path, { ...body, reason: reason.trim() })) setOpen(false);
  };
  return (
    <>
      <Button
        small={small}
        variant={variant}
        closed={closedBecause !== null}
        aria-describedby={closedBecause === null ? undefined : `${id}-why`}
        onClick={() => {
          setOpen(true);
        }}
      >
        {label}
        {about === undefined ? null : <span className="vh"> {about}</span>}
      </Button>
      {closedBecause === null ? null : (
        <span className="vh" id={`${id}-why`}>
          {closedBecause}
        </span>
      )}
      <Dialog
        open={open}
        onClose={() => {
          setOpen(false);
        }}
        labelledBy={`${id}-title`}
      >
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <div className="dialog-body">
            <h2 id={`${id}-title`}>{title}</h2>
            <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => (pointer === "/reason" ? `${id}-reason` : null)} />
            <p>{children}</p>
            {details}
            <Field id={`${id}-reason`} label="Reason" hint="Kept in the audit trail." error={tried ? short : null}>
              <TextArea
                id={`${id}-reason`}
                hinted
                rows={3}
                error={tried ? short : null}
                value={reason}
                onChange={(event) => {
                  setReason(event.target.value);
                }}
              />
            </Field>
          </div>
          <div className="dialog-foot">
            <Button
              onClick={() => {
                setOpen(false);
              }}
            >
              Keep as it is
            </Button>
            <Button type="submit" variant={variant === "plain" ? "primary" : variant} closed={act.pending}>
              {label}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
