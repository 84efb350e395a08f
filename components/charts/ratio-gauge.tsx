import type { RatioBand, RatioLimits } from "#lib/contracts/views/guard-view.ts";
import { formatLimitTimes, formatRatio, formatTimes } from "#lib/client/format-number.ts";
import { bandSentence } from "./band-text.ts";
import { clamp, logScale, ratioDomain, ratioMinorTicks, ratioTicks, spread } from "./scales.ts";

export type RatioGaugeProps = {
  readonly name: string;
  readonly band: RatioBand;
  readonly limits: RatioLimits;
};

const TOP = 12;
const BOTTOM = 148;
const HULL = 44;
const WIDTH = 34;

/** The load-line gauge: hull scale of ratios, limit as a solid bar with L, band hatched, waterline at the measured ratio. */
export function RatioGauge({ name, band, limits }: RatioGaugeProps) {
  const domain = ratioDomain(band, limits);
  const y = logScale(domain, [BOTTOM, TOP]);
  const at = (value: number) => clamp(y(value), TOP - 6, BOTTOM + 6);
  const upperY = at(limits.upper);
  const lowerY = limits.lower === null ? null : at(limits.lower);
  const estimateY = band.estimate === null ? null : at(band.estimate);
  // Labels right of the hull step aside from each other; the marks stay where they measure.
  const labels = [
    { y: upperY, className: "t-limit", text: formatLimitTimes(limits.upper), x: 112 },
    ...(lowerY === null
      ? []
      : [{ y: lowerY, className: "t-limit", text: formatLimitTimes(limits.lower ?? 1), x: 112 }]),
    ...(estimateY === null
      ? []
      : [{ y: estimateY, className: "t-cand", text: formatTimes(band.estimate ?? 1), x: 92 }]),
  ];
  const labelYs = spread(
    labels.map((label) => label.y),
    15,
    [TOP, BOTTOM],
  );

  return (
    <svg viewBox="0 0 160 158" role="img" aria-label={bandSentence(name, band, limits)}>
      {ratioMinorTicks(domain).map((value) => (
        <path key={value} d={`M40 ${y(value).toFixed(1)}H44`} className="l-axis" />
      ))}
      {ratioTicks(domain).map((value) => (
        <g key={value}>
          <path d={`M36 ${y(value).toFixed(1)}H44`} className="l-hull" />
          <text
            x="32"
            y={(y(value) + 4).toFixed(1)}
            textAnchor="end"
            className={value === 1 ? "t-ink" : undefined}
          >
            {formatTick(value)}
          </text>
        </g>
      ))}
      <PastRegions upperY={upperY} lowerY={lowerY} />
      <BandRect band={band} at={at} />
      <path d={`M${String(HULL)} ${String(TOP - 6)}V${String(BOTTOM + 6)}`} className="l-hull" />
      <path d={`M${String(HULL)} ${y(1).toFixed(1)}h${String(WIDTH)}`} className="l-zero" />
      {[upperY, lowerY].map((limitY) =>
        limitY === null ? null : <LimitBar key={limitY} y={limitY} />,
      )}
      {estimateY === null ? null : (
        <rect x="39" y={(estimateY - 2).toFixed(1)} width="48" height="4" className="f-cand" />
      )}
      {labels.map((label, index) => (
        <text
          key={label.text + label.className}
          x={label.x}
          y={((labelYs[index] ?? label.y) + 4).toFixed(1)}
          className={label.className}
        >
          {label.text}
        </text>
      ))}
    </svg>
  );
}

/** "0.5", "1", "10": axis labels without sign or unit. */
export function formatTick(value: number): string {
  return formatRatio(value)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

function PastRegions({ upperY, lowerY }: { upperY: number; lowerY: number | null }) {
  return (
    <>
      <rect
        x={HULL}
        y={TOP - 6}
        width={WIDTH}
        height={(upperY - TOP + 6).toFixed(1)}
        fill="url(#past)"
      />
      {lowerY === null ? null : (
        <rect
          x={HULL}
          y={lowerY.toFixed(1)}
          width={WIDTH}
          height={(BOTTOM + 6 - lowerY).toFixed(1)}
          fill="url(#past)"
        />
      )}
    </>
  );
}

function BandRect({ band, at }: { band: RatioBand; at: (value: number) => number }) {
  const top = band.high === null ? TOP - 6 : at(band.high);
  const bottom = band.low === null || band.low === 0 ? BOTTOM + 6 : at(band.low);
  const box = {
    x: HULL,
    y: top.toFixed(1),
    width: WIDTH,
    height: Math.max(1, bottom - top).toFixed(1),
  };
  return (
    <>
      <rect {...box} className="f-band" />
      <rect {...box} fill="url(#hatch)" />
      {band.high === null ? null : (
        <path d={`M${String(HULL)} ${top.toFixed(1)}h${String(WIDTH)}`} className="l-edge" />
      )}
      {band.low === null ? null : (
        <path d={`M${String(HULL)} ${bottom.toFixed(1)}h${String(WIDTH)}`} className="l-edge" />
      )}
    </>
  );
}

function LimitBar({ y }: { y: number }) {
  return (
    <>
      <rect x={HULL} y={(y - 2.5).toFixed(1)} width="46" height="5" className="l-limit-bar" />
      <rect x="90" y={(y - 8).toFixed(1)} width="16" height="16" className="l-limit-bar" />
      <text x="98" y={(y + 4.2).toFixed(1)} textAnchor="middle" className="t-on-limit">
        L
      </text>
    </>
  );
}

/** The same gauge at list size, 84 by 72. */
export function MiniGauge({ name, band, limits }: RatioGaugeProps) {
  const domain = ratioDomain(band, limits);
  const y = logScale(domain, [66, 6]);
  const at = (value: number) => clamp(y(value), 3, 69);
  const upperY = at(limits.upper);
  const lowerY = limits.lower === null ? null : at(limits.lower);
  const top = band.high === null ? 3 : at(band.high);
  const bottom = band.low === null || band.low === 0 ? 69 : at(band.low);
  const estimateY = band.estimate === null ? null : at(band.estimate);
  const [limitLabel = 0, estimateLabel = 0] = spread([upperY, estimateY ?? 60], 14, [8, 66]);

  return (
    <svg
      viewBox="0 0 84 72"
      className="mini-gauge"
      role="img"
      aria-label={bandSentence(name, band, limits)}
    >
      {[6, 13.5, 21, 28.5, 36, 43.5, 51, 58.5, 66].map((tick, index) => (
        <path
          key={tick}
          d={`M${index % 4 === 0 ? "2" : "6"} ${String(tick)}H10`}
          className="l-axis"
        />
      ))}
      <rect x="10" y="3" width="22" height={(upperY - 3).toFixed(1)} fill="url(#past)" />
      {lowerY === null ? null : (
        <rect
          x="10"
          y={lowerY.toFixed(1)}
          width="22"
          height={(69 - lowerY).toFixed(1)}
          fill="url(#past)"
        />
      )}
      <rect
        x="10"
        y={top.toFixed(1)}
        width="22"
        height={Math.max(1, bottom - top).toFixed(1)}
        className="f-band"
      />
      <rect
        x="10"
        y={top.toFixed(1)}
        width="22"
        height={Math.max(1, bottom - top).toFixed(1)}
        fill="url(#hatch)"
      />
      <path d="M10 3V69" className="l-hull" />
      {[upperY, lowerY].map((limitY) =>
        limitY === null ? null : (
          <rect
            key={limitY}
            x="10"
            y={(limitY - 2).toFixed(1)}
            width="28"
            height="4"
            className="l-limit-bar"
          />
        ),
      )}
      <text x="43" y={(limitLabel + 4).toFixed(1)} className="t-limit">
        {formatLimitTimes(limits.upper)}
      </text>
      {estimateY === null ? null : (
        <>
          <text x="43" y={(estimateLabel + 4).toFixed(1)} className="t-cand">
            {formatTimes(band.estimate ?? 1)}
          </text>
          <rect
            x="6"
            y={(estimateY - 1.75).toFixed(1)}
            width="30"
            height="3.5"
            className="f-cand"
          />
        </>
      )}
    </svg>
  );
}
