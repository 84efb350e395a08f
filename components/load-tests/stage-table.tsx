import type { LoadTestReport } from "#lib/contracts/load-test.ts";
import { mebibytes } from "#lib/domain/load-test/judge.ts";
import { formatMs } from "#lib/domain/load-test/stages.ts";

type Stage = LoadTestReport["stages"][number];

const ms = (value: number | null): string => (value === null ? "none" : `${formatMs(value)} ms`);
const rate = (value: number): string => value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
const cores = (value: number | null): string => (value === null ? "not told" : value.toFixed(2));

/** What each stage sent, how it was answered, and what that took. */
export function StageTable({ stages, label }: { stages: readonly Stage[]; label: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Load</th>
            <th scope="col" className="n">Planned, requests/s</th>
            <th scope="col" className="n">Reached, requests/s</th>
            <th scope="col" className="n">p50</th>
            <th scope="col" className="n">p95</th>
            <th scope="col" className="n">p99</th>
            <th scope="col" className="n">Refused</th>
            <th scope="col" className="n">Failed</th>
            <th scope="col" className="n">Cores, front and hosts</th>
            <th scope="col" className="n">Host memory, peak</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr key={stage.factor}>
              <th scope="row" className="first-th">{stage.factor}x</th>
              <td className="n" data-label="Planned, requests/s">{rate(stage.plannedPerSecond)}</td>
              <td className="n" data-label="Reached, requests/s">{rate(stage.reachedPerSecond)}</td>
              <td className="n" data-label="p50">{ms(stage.latencyMsP50)}</td>
              <td className="n" data-label="p95">{ms(stage.latencyMsP95)}</td>
              <td className="n" data-label="p99">{ms(stage.latencyMsP99)}</td>
              <td className="n" data-label="Refused">{stage.refused}</td>
              <td className="n" data-label="Failed">{stage.failed}</td>
              <td className="n" data-label="Cores, front and hosts">
                {cores(stage.frontCores)} and {cores(stage.hostCores)}
              </td>
              <td className="n" data-label="Host memory, peak">
                {stage.peakMemoryBytes === null ? "not told" : `${String(mebibytes(stage.peakMemoryBytes))} MiB`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
