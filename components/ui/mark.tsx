import type { ReactNode } from "react";

/** The status shapes and two act marks, 16 by 16, drawn with the current text colour. */
const shapes = {
  draft: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeDasharray="2.6 2.1"
      />
    </>
  ),
  awaiting: (
    <>
      <path
        d="M8 1.2 14.8 8 8 14.8 1.2 8z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinejoin="round"
      />
    </>
  ),
  scheduled: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path
        d="M8 4.2V8l2.8 1.8"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="square"
      />
    </>
  ),
  running: (
    <>
      <path
        d="M3 1.8 14 8 3 14.2z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
      <path d="M3 1.8 8 4.6v6.8L3 14.2z" fill="currentColor" />
    </>
  ),
  holding: (
    <>
      <rect
        x="1.8"
        y="1.8"
        width="12.4"
        height="12.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
      <path d="M6 4.8v6.4M10 4.8v6.4" stroke="currentColor" strokeWidth="2.2" />
    </>
  ),
  undecided: (
    <>
      <rect
        x="1.8"
        y="1.8"
        width="12.4"
        height="12.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
      <path
        d="M4.4 9.1c1.1-2.6 2.6-2.3 3.6-1.1s2.5 1.5 3.6-1.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
    </>
  ),
  passed: (
    <>
      <rect
        x="1.8"
        y="1.8"
        width="12.4"
        height="12.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
      <path
        d="m4.6 8.2 2.4 2.5 4.4-5.2"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="miter"
      />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" stroke="var(--paper)" strokeWidth="1.9" />
    </>
  ),
  "rolling-back": (
    <>
      <path
        d="M3.1 6.2A5.6 5.6 0 1 1 2.6 9.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
      />
      <path d="M1.2 2.6v4.6h4.6z" fill="currentColor" />
      <path
        d="M8.2 5.6v2.9l1.9 1.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="square"
      />
    </>
  ),
  "rolled-back": (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d="M6.4 11.4h1.9a2.55 2.55 0 0 0 0-5.1H5.6"
        fill="none"
        stroke="var(--paper)"
        strokeWidth="1.7"
      />
      <path d="M6.9 3.6v5.4L3.6 6.3z" fill="var(--paper)" />
    </>
  ),
  live: (
    <>
      <circle cx="8" cy="8" r="6" fill="currentColor" />
    </>
  ),
  retired: (
    <>
      <path d="M2.5 8h11" stroke="currentColor" strokeWidth="2.25" />
    </>
  ),
  "no-data": (
    <>
      <circle cx="8" cy="8" r="5.4" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M2.6 13.4 13.4 2.6" stroke="currentColor" strokeWidth="1.6" />
    </>
  ),
  back: (
    <>
      <path
        d="M3.2 6h6.3a3.6 3.6 0 0 1 0 7.2H6.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.9"
      />
      <path d="M5.6 2.2v7.6L1 6z" fill="currentColor" />
    </>
  ),
  warn: (
    <>
      <path
        d="M8 1.6 15 14.2H1z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
      <path d="M8 6v4.2M8 11.4v1.4" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type MarkName = keyof typeof shapes;
export type StatusShape = Exclude<MarkName, "back" | "warn">;

/** One mark. Always beside its word, so it is hidden from assistive technology. */
export function Mark({ name }: { name: MarkName }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}

/** The product's own mark: hull scale, limit above, waterline below. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 20 24" aria-hidden="true">
      <path d="M6.5 1v22" stroke="currentColor" strokeWidth="1.75" />
      <path
        d="M2.5 3.5h4M2.5 8h4M2.5 12.5h4M2.5 17h4M2.5 21.5h4"
        stroke="currentColor"
        strokeWidth="1"
      />
      <path d="M6.5 5.5H19" stroke="var(--limit)" strokeWidth="3" />
      <path d="M6.5 15.5H16" stroke="var(--candidate)" strokeWidth="3" />
    </svg>
  );
}

/** A ticked or empty square for lists of first steps and checks. */
export function BoxMark({ checked }: { checked: boolean }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect
        x="1.5"
        y="1.5"
        width="13"
        height="13"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      {checked ? (
        <path d="m4.4 8.2 2.5 2.6 4.6-5.4" fill="none" stroke="currentColor" strokeWidth="2" />
      ) : null}
    </svg>
  );
}
