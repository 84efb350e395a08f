import type { CSSProperties } from "react";
import { formatWeight } from "#lib/client/format-number.ts";
import type { MiniStep } from "#lib/contracts/views/inbox-view.ts";

/** The plan at list size: done steps solid, the present one filled as far as it has come, the rest dashed. */
export function SpineMini({ steps }: { steps: readonly MiniStep[] }) {
  if (steps.length === 0) return null;
  const now = steps.findIndex((step) => step.phase === "now");
  const label =
    now >= 0
      ? `Step ${String(now + 1)} of ${String(steps.length)}`
      : `${String(steps.length)} steps`;
  return (
    <ol className="spine-mini" style={{ "--n": steps.length } as CSSProperties} aria-label={label}>
      {steps.map((step, index) => (
        <li
          key={index}
          className={step.phase === "next" ? undefined : `is-${step.phase}`}
          style={
            step.phase === "now"
              ? ({ "--at": `${String(Math.round(step.progress * 100))}%` } as CSSProperties)
              : undefined
          }
        >
          {formatWeight(step.weightBp)}
        </li>
      ))}
    </ol>
  );
}
