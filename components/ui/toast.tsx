"use client";

import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { Mark, type StatusShape } from "./mark.tsx";

export type Toast = {
  readonly shape: StatusShape;
  readonly text: string;
  readonly href?: string;
  readonly linkText?: string;
};
type Shown = Toast & { readonly id: number };

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** For results of things that ran in the background. Never the only carrier of an error. */
export function useToast(): (toast: Toast) => void {
  return use(ToastContext);
}

const SHOWN_MS = 8000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const dismiss = useCallback((id: number) => {
    setToasts((all) => all.filter((toast) => toast.id !== id));
  }, []);
  const show = useMemo(() => {
    let next = 0;
    return (toast: Toast) => {
      next += 1;
      const id = next;
      setToasts((all) => [...all.slice(-2), { ...toast, id }]);
      setTimeout(() => {
        dismiss(id);
      }, SHOWN_MS);
    };
  }, [dismiss]);

  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <div className="toast" key={toast.id}>
            <Mark name={toast.shape} />
            <span>{toast.text}</span>
            {toast.href ? (
              <a href={toast.href}>{toast.linkText ?? "Open"}</a>
            ) : (
              <button
                type="button"
                onClick={() => {
                  dismiss(toast.id);
                }}
              >
                Close
              </button>
            )}
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
