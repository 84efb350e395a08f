"use client";

import { useEffect, useRef, type ReactNode } from "react";

export type DialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  /** Id of the heading that names the dialog. */
  readonly labelledBy: string;
  readonly className?: string;
  readonly children: ReactNode;
};

const FIRST = "input, textarea, select";

/** A native modal dialog: what is marked `data-autofocus`, else the first field, gets the focus; the browser traps focus, closes on Escape and gives focus back. A click outside closes it too. */
export function Dialog({ open, onClose, labelledBy, className = "dialog", children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      dialog.showModal();
      const first =
        dialog.querySelector<HTMLElement>("[data-autofocus]") ??
        dialog.querySelector<HTMLElement>(FIRST);
      first?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);

  return (
    <dialog
      ref={ref}
      className={className}
      aria-labelledby={labelledBy}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) ref.current.close();
      }}
    >
      {open ? children : null}
    </dialog>
  );
}
