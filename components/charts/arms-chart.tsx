import type { ArmsPoint, GuardView } from "#lib/contracts/views/guard-view.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { armsFrames, type ChartSize, type StepColumn } from "./chart-frame.ts";
import { Crosshair, StepColumns, TimeAxis } from "./chart-parts.tsx";
import { linearScale, linePath, niceTicks, runs, spread, thin, type Scale } from "./scales.ts";

export type ArmsChartProps = {
  readonly name: string;
  readonly arms: GuardView["arms"];
  readonly steps: readonly StepColumn[];
  readonly fromMs: number;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly size: ChartSize;
  readonly crosshairMs: number | null;
};

const MOST_POINTS = 120;
type Arm = "stable" | "candidate";

/** Both arms in their own unit: stable dashed with a ring at its end, candidate solid with a square. */
export function ArmsChart({
  name,
  arms,
  steps,
  fromMs,
  nowMs,
  timeZone,
  size,
  crosshairMs,
}: ArmsChartProps) {
  const frame = armsFrames[size];
  // Windows may go on after the evidence ends; what the chart shows ends with it.
  const shown = arms.points.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) <= nowMs);
  const points = thin(shown, MOST_POINTS);
  const values = points
    .flatMap((point) => [point.stable, point.candidate])
    .filter((value) => value !== null);
  if (values.length === 0) return <p className="small">Nothing measured yet.</p>;
  const high = Math.max(...values);
  // Shares start at 0; latencies use the room they need.
  const low = arms.unit === "%" ? 0 : Math.min(...values);
  const { ticks, digits } = niceTicks(
    low,
    high > low ? high : low + (arms.unit === "%" ? 1 : Math.max(low * 0.1, 0.1)),
  );
  const y = linearScale([ticks[0] ?? 0, ticks.at(-1) ?? 1], [frame.y1, frame.y0]);
  const domain = [fromMs, Math.max(nowMs, fromMs + 10_000)] as const;
  const x = linearScale(domain, [frame.x0, frame.x1]);
  const last = { stable: lastValue(points, "stable"), candidate: lastValue(points, "candidate") };

  return (
    <svg
      viewBox={`0 0 ${String(frame.width)} ${String(frame.height)}`}
      role="img"
      aria-label={armsSummary(name, arms)}
    >
      <StepColumns steps={steps} frame={frame} x={x} labelY={37} />
      {ticks.map((tick) => (
        <g key={tick}>
          <path
            d={`M${String(frame.x0)} ${y(tick).toFixed(1)}H${String(frame.x1)}`}
            className="l-grid"
          />
          <text x={frame.x0 - 7} y={(y(tick) + 4).toFixed(1)} textAnchor="end">
            {formatNumber(tick, digits)}
          </text>
        </g>
      ))}
      <ArmLine points={points} arm="stable" x={x} y={y} />
      <ArmLine points={points} arm="candidate" x={x} y={y} />
      <Crosshair atMs={crosshairMs} frame={frame} x={x} />
      <TimeAxis domain={domain} frame={frame} x={x} timeZone={timeZone} />
      <ArmLabels last={last} x1={frame.x1} y={y} range={[frame.y0, frame.y1 - 14]} />
    </svg>
  );
}

/** "p95 latency, both arms, rolling 5 min. Last: stable 117.0, candidate 120.6 ms." */
export function armsSummary(name: string, arms: GuardView["arms"]): string {
  const text = (arm: Arm) => {
    const value = lastValue(arms.points, arm);
    return value === null ? "none" : armValue(value);
  };
  return `${name}, both arms, rolling. Last values: stable ${text("stable")}, candidate ${text("candidate")} ${arms.unit}.`;
}

export function armValue(value: number): string {
  return formatNumber(value, value !== 0 && value < 10 ? 2 : 1);
}

function lastValue(points: readonly ArmsPoint[], arm: Arm): number | null {
  return points.findLast((point) => point[arm] !== null)?.[arm] ?? null;
}

function ArmLine({
  points,
  arm,
  x,
  y,
}: {
  points: readonly ArmsPoint[];
  arm: Arm;
  x: Scale;
  y: Scale;
}) {
  return (
    <>
      {runs(points, (point) => point[arm] !== null).map((run) => (
        <path
          key={run[0]?.at}
          className={arm === "stable" ? "l-stab" : "l-cand"}
          d={linePath(run.map((point) => [x(Date.parse(point.at)), y(point[arm] ?? 0)] as const))}
        />
      ))}
    </>
  );
}

type Last = Readonly<Record<Arm, number | null>>;

function ArmLabels({
  last,
  x1,
  y,
  range,
}: {
  last: Last;
  x1: number;
  y: Scale;
  range: readonly [number, number];
}) {
  const arms = (["candidate", "stable"] as const).flatMap((arm) => {
    const value = last[arm];
    return value === null ? [] : [{ arm, value, y: y(value) }];
  });
  const placed = spread(
    arms.map((arm) => arm.y - 4),
    32,
    range,
  );
  return (
    <>
      {arms.map(({ arm, value, y: valueY }, index) => {
        const labelY = placed[index] ?? valueY;
        const className = arm === "stable" ? "t-stab" : "t-cand";
        return (
          <g key={arm}>
            {arm === "stable" ? (
              <circle cx={x1} cy={valueY.toFixed(1)} r="3.75" className="f-ring" />
            ) : (
              <rect
                x={x1 - 4}
                y={(valueY - 4).toFixed(1)}
                width="8"
                height="8"
                className="f-cand"
              />
            )}
            <text x={x1 + 11} y={labelY.toFixed(1)} className={className}>
              {arm === "stable" ? "Stable" : "Candidate"}
            </text>
            <text x={x1 + 11} y={(labelY + 14).toFixed(1)} className={className}>
              {armValue(value)}
            </text>
          </g>
        );
      })}
    </>
  );
}
