import { formatNumber, formatShare } from "#lib/client/format-number.ts";
import type { EvaluationReport } from "#lib/contracts/evaluation.ts";
import { linearScale, linePath } from "../charts/scales.ts";

const FRAME = { width: 320, height: 250, x0: 46, x1: 304, y0: 12, y1: 212 } as const;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

type Calibration = NonNullable<EvaluationReport["calibration"]>;

/** What the model said against how often it was so: on the diagonal the two agree. The same as a table beside it. */
export function CalibrationFigure({ calibration }: { calibration: Calibration }) {
  const x = linearScale([0, 1], [FRAME.x0, FRAME.x1]);
  const y = linearScale([0, 1], [FRAME.y1, FRAME.y0]);
  const whose = calibration.of === null ? "of its answer" : `of ${calibration.of}`;
  return (
    <div className="cols-2">
      <figure className="chart">
        <figcaption>
          <h3>Said and came true</h3>
          <span className="caption">probability {whose}, ten parts of the rows; bars are 95 % intervals</span>
        </figcaption>
        <svg viewBox={`0 0 ${String(FRAME.width)} ${String(FRAME.height)}`} role="img" aria-label={`Calibration in ${String(calibration.bins.length)} bins; the table has the numbers.`}>
          {TICKS.map((tick) => (
            <g key={tick}>
              <path d={`M${String(FRAME.x0)} ${y(tick).toFixed(1)}H${String(FRAME.x1)}`} className="l-grid" />
              <text x={FRAME.x0 - 6} y={y(tick) + 4} textAnchor="end">
                {formatNumber(tick, 2)}
              </text>
              <text x={x(tick)} y={FRAME.y1 + 18} textAnchor="middle">
                {formatNumber(tick, 2)}
              </text>
            </g>
          ))}
          <path d={linePath([[x(0), y(0)], [x(1), y(1)]])} className="l-stab" />
          {calibration.bins.map((bin, index) => (
            <g key={index}>
              <path d={`M${x(bin.said).toFixed(1)} ${y(bin.low).toFixed(1)}V${y(bin.high).toFixed(1)}`} className="l-cand" />
              <rect x={x(bin.said) - 3} y={y(bin.share) - 3} width={6} height={6} className="f-cand" />
            </g>
          ))}
          <text x={(FRAME.x0 + FRAME.x1) / 2} y={FRAME.height - 4} textAnchor="middle" className="t-small">
            said by the model
          </text>
        </svg>
      </figure>
      <div className="table-wrap">
        <table className="table table-compact">
          <thead>
            <tr>
              <th scope="col" className="n">Said</th>
              <th scope="col" className="n">Came true</th>
              <th scope="col" className="n">95 % interval</th>
              <th scope="col" className="n">Rows</th>
            </tr>
          </thead>
          <tbody>
            {calibration.bins.map((bin, index) => (
              <tr key={index}>
                <th scope="row" className="n">{formatNumber(bin.said, 3)}</th>
                <td className="n">{formatShare(bin.share)}</td>
                <td className="n">
                  {formatShare(bin.low)} to {formatShare(bin.high)}
                </td>
                <td className="n">{formatNumber(bin.n)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
