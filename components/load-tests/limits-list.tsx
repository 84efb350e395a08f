import type { LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import { mebibytes, memoryNeeded } from "#lib/domain/load-test/judge.ts";

/** "at least 2x", "1.5x", or none. */
export function headroomText({ headroom, isOpenEnded }: Pick<LoadTestView, "headroom" | "isOpenEnded">): string {
  if (headroom === null || headroom === 0) return "none";
  return `${isOpenEnded ? "at least " : ""}${String(headroom)}x`;
}

const orRuntime = (value: number | null, unit: string): string => (value === null ? "the runtime's own" : `${value.toLocaleString("en-GB")} ${unit}`);

/** Where it was measured, and the limits under which. */
export function LimitsList({ test }: { test: LoadTestView }) {
  const { limits, hosts } = test.limits.configuration;
  const { report } = test;
  const needed = report === null ? null : memoryNeeded(report.stages);
  const rows: [string, string][] = [
    ["Runtime", report === null ? "none" : `${report.runtimeName}, ${report.hardware}`],
    ["Inputs", report === null ? "none" : `${String(report.requests)} ${report.source === "generated" ? "made from the contract" : report.source}, in turn`],
    ["Requests at a time, at most", orRuntime(limits.maxConcurrency, "requests")],
    ["Of these waiting, at most", orRuntime(limits.maxQueued, "requests")],
    ["Longest time to an answer", orRuntime(limits.timeoutMs, "ms")],
    ["Model hosts", `${String(hosts.count)}; ${String(report?.hostRestarts ?? 0)} lost under load`],
    ["Memory limit of a host", `${hosts.memoryLimitBytes === null ? "none" : `${String(mebibytes(hosts.memoryLimitBytes))} MiB`}${needed === null ? "" : `; ${String(mebibytes(needed))} MiB needed with a margin of 10 %`}`],
  ];
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
