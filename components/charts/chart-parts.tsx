import { formatClock } from "#lib/client/format-time.ts";
import { formatWeight } from "#lib/client/format-number.ts";
import type { Flag, Frame, StepColumn } from "./chart-frame.ts";
import { timeTicks, type Range, type Scale } from "./scales.ts";

/** Parts that both charts share: step columns with their weights, the time axis, event flags, the crosshair. */

export function StepColumns({
  steps,
  frame,
  x,
  labelY,
}: {
  steps: readonly StepColumn[];
  frame: Frame;
  x: Scale;
  labelY: number;
}) {
  const height = frame.y1 - frame.y0;
  let lastLabelEnd = -Infinity;
  return (
    <>
      {steps.map((step) => {
        const from = Math.max(x(step.fromMs), frame.x0);
        const to = Math.min(x(step.toMs), frame.x1);
        // A label that would run into the one before it is left out; the spine beside has every weight.
        const labelled = from >= lastLabelEnd && from < frame.x1 - 20;
        if (labelled) lastLabelEnd = from + 38;
        return (
          <g key={step.index}>
            {step.index % 2 === 0 && to > from ? (
              <rect
                x={from.toFixed(1)}
                y={frame.y0}
                width={(to - from).toFixed(1)}
                height={height}
                className="f-step"
              />
            ) : null}
            {labelled ? (
              <text x={from.toFixed(1)} y={labelY} className="t-stencil">
                {formatWeight(step.weightBp)}
              </text>
            ) : null}
          </g>
        );
      })}
    </>
  );
}

export function TimeAxis({
  domain,
  frame,
  x,
  timeZone,
}: {
  domain: Range;
  frame: Frame;
  x: Scale;
  timeZone: string;
}) {
  const { at, stepSeconds } = timeTicks(domain, frame.timeLabels);
  return (
    <>
      <path d={`M${String(frame.x0)} ${String(frame.y1)}H${String(frame.x1)}`} className="l-axis" />
      {at.map((ms) => (
        <g key={ms}>
          <path d={`M${x(ms).toFixed(1)} ${String(frame.y1)}v4`} className="l-axis" />
          <text x={x(ms).toFixed(1)} y={frame.y1 + 17} textAnchor="middle">
            {formatClock(new Date(ms).toISOString(), timeZone, stepSeconds < 60)}
          </text>
        </g>
      ))}
    </>
  );
}

export function Flags({ flags, frame, x }: { flags: readonly Flag[]; frame: Frame; x: Scale }) {
  return (
    <>
      {flags.map(({ flag, atMs }) => {
        const at = x(atMs);
        if (at < frame.x0 - 0.5 || at > frame.x1) return null;
        return (
          <g key={flag}>
            <path
              d={`M${at.toFixed(1)} ${String(frame.y0 - 2)}V${String(frame.y1)}`}
              className="l-flag"
            />
            <rect
              x={(at - 7).toFixed(1)}
              y={frame.y0 - 18}
              width="14"
              height="15"
              className="f-flag"
            />
            <text
              x={at.toFixed(1)}
              y={frame.y0 - 6.5}
              textAnchor="middle"
              className="t-ink t-small"
            >
              {flag}
            </text>
          </g>
        );
      })}
    </>
  );
}

export function Crosshair({ atMs, frame, x }: { atMs: number | null; frame: Frame; x: Scale }) {
  if (atMs === null) return null;
  const at = x(atMs);
  if (at < frame.x0 || at > frame.x1) return null;
  return (
    <path d={`M${at.toFixed(1)} ${String(frame.y0)}V${String(frame.y1)}`} className="l-cross" />
  );
}
