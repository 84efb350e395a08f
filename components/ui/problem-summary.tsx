"use client";

import { useEffect, useRef } from "react";
import { Mark } from "./mark.tsx";

export type ProblemItem = {
  /** Id of the control it belongs to, or null. */ readonly fieldId: string | null;
  readonly message: string;
};
export type ProblemSummaryProps = {
  /** What happened, in one sentence. */
  readonly title: string;
  readonly items?: readonly ProblemItem[];
  readonly hint?: string | null;
  readonly requestId?: string | null;
};

/** Takes focus when it appears, names each problem and leads to its field. */
export function ProblemSummary({
  title,
  items = [],
  hint = null,
  requestId = null,
}: ProblemSummaryProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.focus();
  }, []);
  return (
    <div className="banner problem" data-status="failed" role="alert" tabIndex={-1} ref={ref}>
      <Mark name="failed" />
      <div>
        <p>
          <b>{title}</b>
        </p>
        {items.length > 0 ? (
          <ul>
            {items.map((item) => (
              <li key={`${item.fieldId ?? ""} ${item.message}`}>
                {item.fieldId ? <a href={`#${item.fieldId}`}>{item.message}</a> : item.message}
              </li>
            ))}
          </ul>
        ) : null}
        {hint ? <p>{hint}</p> : null}
        {requestId ? <p className="caption">Request {requestId}</p> : null}
      </div>
    </div>
  );
}
