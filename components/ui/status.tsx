import type { ReactNode } from "react";
import { Mark, type StatusShape } from "./mark.tsx";

export type StatusProps = {
  readonly shape: StatusShape;
  readonly children: ReactNode;
  /** Tinted ground: in heads only. */
  readonly tint?: boolean;
  readonly big?: boolean;
};

/** Shape, word, colour, in that order. */
export function Status({ shape, children, tint = false, big = false }: StatusProps) {
  const classes = ["status", tint ? "status-tint" : "", big ? "status-big" : ""]
    .filter(Boolean)
    .join(" ");
  return (
    <span className={classes} data-status={shape}>
      <Mark name={shape} />
      {children}
    </span>
  );
}
