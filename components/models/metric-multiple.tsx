import { formatNumber } from "#lib/client/format-number.ts";
import { metricNumber, metricTitle } from "#lib/client/metric-words.ts";
import type { MetricSeries } from "#lib/contracts/views/version-view.ts";
import { linearScale, linePath, niceTicks } from "../charts/scales.ts";

const FRAME = { width: 320, height: 138, x0: 46, x1: 232, y0: 12, y1: 112 } as const;
const MOST_LABELS = 6;

type Point = MetricSeries["points"][number];

/** One metric over versions at equal distances, with its intervals. The number at the end is this version's. */
export function MetricMultiple({ series }: { series: MetricSeries }) {
  const { points } = series;
  const last = points.at(-1);
  if (last === undefined) return null;
  const lows = points.map(({ value, low }) => low ?? value);
  const highs = points.map(({ value, high }) => high ?? value);
  const { ticks, digits } = niceTicks(Math.min(...lows), Math.max(...highs));
  const y = linearScale([ticks[0] ?? 0, ticks.at(-1) ?? 1], [FRAME.y1, FRAME.y0]);
  const x = linearScale([0, Math.max(1, points.length - 1)], [FRAME.x0 + 14, FRAME.x1 - 14]);
  const joined = points
    .map((point, index) => ({ point, index }))
    .filter(({ point }) => point.sameData);
  const before = joined.slice(0, -1);
  const lastTwo = joined.slice(-2);
  const path = (items: typeof joined) =>
    linePath(items.map(({ point, index }) => [x(index), y(point.value)] as const));
  return (
    <figure className="chart">
      <figcaption>
        <h3>{metricTitle(series.name)}</h3>
        <span className="caption">{intervalText(last)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${String(FRAME.width)} ${String(FRAME.height)}`}
        role="img"
        aria-label={summaryOf(series, last)}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <path
              d={`M${String(FRAME.x0)} ${y(tick).toFixed(1)}H${String(FRAME.x1)}`}
              className="l-grid"
            />
            <text x={FRAME.x0 - 6} y={y(tick) + 4} textAnchor="end">
              {formatNumber(tick, digits)}
            </text>
          </g>
        ))}
        {before.length > 1 ? <path d={path(before)} className="l-stab" /> : null}
        {lastTwo.length > 1 ? <path d={path(lastTwo)} className="l-cand" /> : null}
        {points.map((point, index) => (
          <PointMark
            key={point.versionName}
            point={point}
            x={x(index)}
            y={y}
            isLast={index === points.length - 1}
          />
        ))}
        {points.map((point, index) =>
          showsLabel(index, points.length) ? (
            <text
              key={point.versionName}
              x={x(index)}
              y={FRAME.height - 8}
              textAnchor="middle"
              className={index === points.length - 1 ? "t-cand t-small" : "t-small"}
            >
              {point.versionName.slice(0, 9)}
            </text>
          ) : null,
        )}
        <text x={FRAME.x1 + 6} y={y(last.value) + 4} className="t-cand">
          {metricNumber(last.value)}
        </text>
      </svg>
    </figure>
  );
}

/** First and last always, and as many between as there is room for. */
function showsLabel(index: number, count: number): boolean {
  if (count <= MOST_LABELS || index === count - 1) return true;
  const step = Math.ceil(count / (MOST_LABELS - 1));
  return index % step === 0 && count - 1 - index >= step;
}

function PointMark({
  point,
  x,
  y,
  isLast,
}: {
  point: Point;
  x: number;
  y: (value: number) => number;
  isLast: boolean;
}) {
  const at = y(point.value);
  return (
    <g>
      {point.low === null || point.high === null ? null : (
        <path
          d={`M${x.toFixed(1)} ${y(point.low).toFixed(1)}V${y(point.high).toFixed(1)}`}
          className={isLast ? "l-cand" : "l-hull"}
        />
      )}
      {isLast ? (
        <rect x={x - 4} y={at - 4} width="8" height="8" className="f-cand" />
      ) : (
        <circle cx={x} cy={at} r="3.75" className="f-ring" />
      )}
      {point.sameData ? null : (
        <path
          d={`M${(x - 5).toFixed(1)} ${(at - 5).toFixed(1)}l10 10m0 -10l-10 10`}
          className="l-axis"
        />
      )}
    </g>
  );
}

function intervalText({ low, high }: Point): string {
  return low === null || high === null
    ? "no interval was sent"
    : `${metricNumber(low)} to ${metricNumber(high)}`;
}

function summaryOf(series: MetricSeries, last: Point): string {
  const before = series.points.at(-2);
  const was =
    before === undefined
      ? ""
      : `, ${before.versionName} ${metricNumber(before.value)}${before.sameData ? "" : " on other rows"}`;
  return `${metricTitle(series.name)} by version: ${last.versionName} ${metricNumber(last.value)}, interval ${intervalText(last)}${was}`;
}
