import { useId } from "react";
import type { GuardView, RatioPoint } from "#lib/contracts/views/guard-view.ts";
import { formatCount, formatLimitTimes, formatTimes } from "#lib/client/format-number.ts";
import { bandText } from "./band-text.ts";
import {
  ratioFrames,
  type ChartSize,
  type Flag,
  type Frame,
  type StepColumn,
} from "./chart-frame.ts";
import { Crosshair, Flags, StepColumns, TimeAxis } from "./chart-parts.tsx";
import { formatTick } from "./ratio-gauge.tsx";
import {
  clamp,
  linearScale,
  linePath,
  logScale,
  ratioDomain,
  ratioTicks,
  runs,
  spread,
  thin,
  type Scale,
} from "./scales.ts";

export type RatioChartProps = {
  readonly guard: GuardView;
  readonly steps: readonly StepColumn[];
  readonly flags: readonly Flag[];
  /** Start of the evidence and the newest moment, ms. */
  readonly fromMs: number;
  readonly nowMs: number;
  /** False once the release has ended: the last moment is then called "end". */
  readonly moving: boolean;
  readonly timeZone: string;
  readonly size: ChartSize;
  readonly crosshairMs: number | null;
};

const MOST_POINTS = 160;

/** Candidate over stable on a log axis: band, limit, the line of equal arms (1×), steps and flags. Draws on the server too. */
export function RatioChart(props: RatioChartProps) {
  const { guard, size, timeZone } = props;
  const clip = `clip${useId().replaceAll(/\W/g, "")}`;
  const frame = ratioFrames[size];
  const domain = ratioDomain(guard.band, guard.limits);
  const y = logScale(domain, [frame.y1, frame.y0]);
  const lookAhead = props.moving
    ? clamp((guard.secondsNeeded ?? 0) * 1100, 0, (props.nowMs - props.fromMs) * 0.35)
    : 0;
  const timeDomain = [
    props.fromMs,
    Math.max(props.nowMs + lookAhead, props.fromMs + 10_000),
  ] as const;
  const x = linearScale(timeDomain, [frame.x0, frame.x1]);
  const nowX = Math.min(x(props.nowMs), frame.x1);

  return (
    <svg
      viewBox={`0 0 ${String(frame.width)} ${String(frame.height)}`}
      role="img"
      aria-label={guard.summary}
    >
      <clipPath id={clip}>
        <rect x={frame.x0} y={frame.y0} width={frame.x1 - frame.x0} height={frame.y1 - frame.y0} />
      </clipPath>
      <StepColumns steps={props.steps} frame={frame} x={x} labelY={20} />
      <PastLimit guard={guard} frame={frame} y={y} />
      {ratioTicks(domain).map((value) => (
        <g key={value}>
          <path
            d={`M${String(frame.x0)} ${y(value).toFixed(1)}H${String(frame.x1)}`}
            className={value === 1 ? "l-zero" : "l-grid"}
          />
          <text
            x={frame.x0 - 7}
            y={(y(value) + 4).toFixed(1)}
            textAnchor="end"
            className={value === 1 ? "t-ink" : undefined}
          >
            {formatTick(value)}×
          </text>
        </g>
      ))}
      <g clipPath={`url(#${clip})`}>
        <Band points={guard.ratioSeries} frame={frame} x={x} y={y} />
        <path
          d={`M${String(frame.x0)} ${y(1).toFixed(1)}H${String(frame.x1)}`}
          className="l-zero"
        />
        <LimitLines guard={guard} frame={frame} y={y} />
        {props.moving ? <Projection guard={guard} x={x} y={y} nowMs={props.nowMs} /> : null}
        <Estimate points={guard.ratioSeries} x={x} y={y} />
        <Crosshair atMs={props.crosshairMs} frame={frame} x={x} />
      </g>
      <Flags flags={props.flags} frame={frame} x={x} />
      <path
        d={`M${nowX.toFixed(1)} ${String(frame.y0 - 4)}V${String(frame.y1 + 4)}`}
        className="l-now"
      />
      <NowLabel
        x={nowX}
        steps={props.steps.map((step) => x(step.fromMs))}
        text={props.moving ? "now" : "end"}
      />
      <TimeAxis domain={timeDomain} frame={frame} x={x} timeZone={timeZone} />
      <EndLabels guard={guard} frame={frame} y={y} nowX={nowX} short={size === "narrow"} />
    </svg>
  );
}

/** Over its line; to its right where the weight of a step that has just begun stands there. */
function NowLabel({ x, steps, text }: { x: number; steps: readonly number[]; text: string }) {
  const crowded = steps.some((step) => x - step < 48 && step <= x);
  return (
    <text
      x={(crowded ? x + 14 : x).toFixed(1)}
      y="20"
      textAnchor={crowded ? "start" : "middle"}
      className="t-ink t-small"
    >
      {text}
    </text>
  );
}

function PastLimit({ guard, frame, y }: { guard: GuardView; frame: Frame; y: Scale }) {
  const upper = clamp(y(guard.limits.upper), frame.y0, frame.y1);
  const lower =
    guard.limits.lower === null ? frame.y1 : clamp(y(guard.limits.lower), frame.y0, frame.y1);
  const width = frame.x1 - frame.x0;
  return (
    <>
      <rect
        x={frame.x0}
        y={frame.y0}
        width={width}
        height={(upper - frame.y0).toFixed(1)}
        fill="url(#past)"
      />
      <rect
        x={frame.x0}
        y={lower.toFixed(1)}
        width={width}
        height={(frame.y1 - lower).toFixed(1)}
        fill="url(#past)"
      />
    </>
  );
}

type Placed = { readonly points: readonly RatioPoint[]; readonly x: Scale; readonly y: Scale };
const ms = (point: RatioPoint) => Date.parse(point.at);

function Band({ points, frame, x, y }: Placed & { frame: Frame }) {
  const kept = thin(points, MOST_POINTS);
  if (kept.length === 0) return null;
  // An end that is still open runs to the edge of the plot.
  const high = kept.map((p) => [x(ms(p)), p.high === null ? frame.y0 - 2 : y(p.high)] as const);
  const low = kept.map(
    (p) => [x(ms(p)), p.low === null || p.low === 0 ? frame.y1 + 2 : y(p.low)] as const,
  );
  const area = `${linePath(high)}${linePath(low.toReversed()).replace("M", "L")}Z`;
  return (
    <>
      <path d={area} className="f-band" />
      <path d={area} fill="url(#hatch)" />
      <path d={linePath(high)} className="l-edge" />
      <path d={linePath(low)} className="l-edge" />
    </>
  );
}

function Estimate({ points, x, y }: Placed) {
  return (
    <>
      {runs(thin(points, MOST_POINTS), (point) => point.estimate !== null).map((run) => (
        <path
          key={run[0]?.at}
          className="l-cand"
          d={linePath(run.map((point) => [x(ms(point)), y(point.estimate ?? 1)] as const))}
        />
      ))}
    </>
  );
}

function LimitLines({ guard, frame, y }: { guard: GuardView; frame: Frame; y: Scale }) {
  return (
    <>
      {[guard.limits.upper, guard.limits.lower].map((limit) =>
        limit === null ? null : (
          <path
            key={limit}
            d={`M${String(frame.x0)} ${y(limit).toFixed(1)}H${String(frame.x1)}`}
            className="l-limit"
          />
        ),
      )}
    </>
  );
}

/** Dotted: where the band is expected to come inside the limit if the ratio stays as it is. */
function Projection({
  guard,
  x,
  y,
  nowMs,
}: {
  guard: GuardView;
  x: Scale;
  y: Scale;
  nowMs: number;
}) {
  const { high } = guard.band;
  if (guard.word !== "UNDECIDED" || guard.secondsNeeded === null || high === null) return null;
  const until = nowMs + guard.secondsNeeded * 1000;
  return (
    <>
      <path
        d={linePath([
          [x(nowMs), y(high)],
          [x(until), y(guard.limits.upper)],
        ])}
        className="l-proj"
      />
      <path
        d={`M${x(until).toFixed(1)} ${(y(guard.limits.upper) - 5).toFixed(1)}v10`}
        className="l-cand"
      />
    </>
  );
}

function EndLabels({
  guard,
  frame,
  y,
  nowX,
  short,
}: {
  guard: GuardView;
  frame: Frame;
  y: Scale;
  nowX: number;
  short: boolean;
}) {
  const { band, limits } = guard;
  const tabs = [limits.upper, ...(limits.lower === null ? [] : [limits.lower])];
  const at = (value: number) => clamp(y(value), frame.y0 + 4, frame.y1 - 4);
  const wanted = [
    ...tabs.map(at),
    (band.estimate === null ? (frame.y0 + frame.y1) / 2 : at(band.estimate)) + 8,
  ];
  const placed = spread(wanted, 30, [frame.y0 + 2, frame.y1 - 10]);
  const textY = placed.at(-1) ?? frame.y1;
  const tabWidth = short ? 88 : 94;
  return (
    <>
      {tabs.map((limit, index) => {
        const tabY = at(limit);
        const labelY = placed[index] ?? tabY;
        return (
          <g key={limit}>
            <path
              d={`M${String(frame.x1)} ${tabY.toFixed(1)}L${String(frame.x1 + 8)} ${(labelY - 9).toFixed(1)}h${String(tabWidth)}v18h-${String(tabWidth)}z`}
              className="l-limit-bar"
            />
            <text x={frame.x1 + 13} y={(labelY + 4.2).toFixed(1)} className="t-on-limit">
              {short ? "L" : "LIMIT"} {formatLimitTimes(limit)}
            </text>
          </g>
        );
      })}
      {band.estimate === null ? null : (
        <rect
          x={(nowX - 4).toFixed(1)}
          y={(at(band.estimate) - 4).toFixed(1)}
          width="8"
          height="8"
          className="f-cand"
        />
      )}
      <text
        x={frame.x1 + 8}
        y={textY.toFixed(1)}
        className={band.estimate === null ? "t-ink" : "t-cand t-value"}
      >
        {band.estimate === null ? "No ratio yet" : formatTimes(band.estimate)}
      </text>
      <text x={frame.x1 + 8} y={(textY + 15).toFixed(1)} className="t-dim">
        {band.high === null && guard.unitsNeeded !== null
          ? `needs ${formatCount(guard.unitsNeeded, "more", "more")}`
          : bandText(band)}
      </text>
    </>
  );
}
