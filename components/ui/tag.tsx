import type { ReactNode } from "react";

/** A short stencilled word: "Demo". */
export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}
