import { linearScale, linePath, thin } from "./scales.ts";

export type SparklineProps = {
  /** Oldest first; drawn at equal distances. */
  readonly values: readonly number[];
  /** One sentence with first, last, lowest and highest value and their unit. */
  readonly summary: string;
  readonly width?: number;
};

/** A line of 24 px height for table cells. The numbers it stands for are in the row. */
export function Sparkline({ values, summary, width = 96 }: SparklineProps) {
  const kept = thin(values, width);
  const low = Math.min(...kept);
  const high = Math.max(...kept);
  const x = linearScale([0, Math.max(1, kept.length - 1)], [2, width - 4]);
  const y = linearScale(high > low ? [low, high] : [low - 1, low + 1], [21, 3]);
  const last = kept.at(-1);
  return (
    <svg
      viewBox={`0 0 ${String(width)} 24`}
      width={width}
      height="24"
      role="img"
      aria-label={summary}
    >
      {kept.length > 1 ? (
        <path
          d={linePath(kept.map((value, index) => [x(index), y(value)] as const))}
          className="l-cur-thin"
        />
      ) : null}
      {last === undefined ? null : (
        <rect
          x={(x(kept.length - 1) - 2).toFixed(1)}
          y={(y(last) - 2).toFixed(1)}
          width="4"
          height="4"
          className="f-ink"
        />
      )}
    </svg>
  );
}
