import type { ReactNode } from "react";
import { Mark, type MarkName, type StatusShape } from "./mark.tsx";

export type BannerProps = {
  readonly tone: StatusShape;
  readonly mark?: MarkName;
  readonly children: ReactNode;
  readonly action?: ReactNode;
};

/** Stays until its cause ends. Says the fact, what still works, and the act. */
export function Banner({ tone, mark, children, action }: BannerProps) {
  return (
    <div className="banner" data-status={tone}>
      <Mark name={mark ?? tone} />
      <p>{children}</p>
      {action ?? null}
    </div>
  );
}
