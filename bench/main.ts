/**
 * `npm run bench -- [--only serving,batch,rollback,audit] [--json FILE]`: what the product does on this machine, as a table and as JSON.
 * Everything is started for it, on ports and in directories of its own. What the figures mean is in docs/performance.md.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchAudit, type AuditResult } from "./audit/audit-bench.ts";
import { benchBatch, type BatchResult } from "./batch/batch-bench.ts";
import { startProduct } from "./product.ts";
import { benchRollback, type RollbackResult } from "./rollback/rollback-bench.ts";
import { benchServing, type LoadResult, type ServingResult } from "./serving/serving-bench.ts";

const PARTS = ["serving", "batch", "rollback", "audit"] as const;
type Part = (typeof PARTS)[number];

type Results = {
  readonly machine: ReturnType<typeof machine>;
  readonly startedAt: string;
  readonly loadAverageBefore: number;
  serving?: ServingResult;
  batch?: BatchResult;
  rollback?: RollbackResult;
  audit?: AuditResult;
  loadAverageAfter?: number;
};

function machine() {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(2));

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: PARTS.join(",") },
      json: { type: "string" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      rollbacks: { type: "string", default: "50" },
      events: { type: "string", default: "100000" },
    },
  });
  const parts = values.only
    .split(",")
    .map((word) => PARTS.find((part) => part === word.trim()) ?? unknownPart(word));
  return {
    parts: new Set<Part>(parts),
    json: values.json,
    rounds: whole(values.rounds),
    seconds: whole(values.seconds),
    rollbacks: whole(values.rollbacks),
    events: whole(values.events, 2_000_000),
  };
}

function unknownPart(word: string): never {
  throw new TypeError(`There is no part "${word}": use ${PARTS.join(", ")}.`);
}

function whole(text: string, most = 1000): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new TypeError(`"${text}" is not a whole number from 1 to ${most}.`);
  return value;
}

const say = (text: string): void => console.error(text);

async function main(): Promise<void> {
  const options = readOptions();
  const results: Results = {
    machine: machine(),
    startedAt: new Date().toISOString(),
    loadAverageBefore: load(),
  };
  const { processor, cores, memoryGib, node } = results.machine;
  console.log(
    `${processor}, ${cores} cores, ${memoryGib} GiB, Node ${node}; load average at the start ${results.loadAverageBefore}`,
  );
  if (options.parts.has("serving")) {
    say(
      `serving: ${options.rounds} rounds of ${options.seconds} s for runtime and echo server each`,
    );
    results.serving = await benchServing(options.rounds, options.seconds);
    printServing(results.serving);
  }
  if (options.parts.has("batch")) {
    say(`batch: ${options.rounds} rounds for worker and bare loop each`);
    results.batch = await benchBatch(50_000, options.rounds);
    printBatch(results.batch);
  }
  if (options.parts.has("rollback") || options.parts.has("audit")) {
    say("starting the product");
    const product = await startProduct();
    try {
      if (options.parts.has("rollback")) {
        results.rollback = await benchRollback(product, options.rollbacks, (done) => {
          if (done % 10 === 0) say(`${done} of ${options.rollbacks} rolled back`);
        });
        printRollback(results.rollback);
      }
      if (options.parts.has("audit")) {
        results.audit = await benchAudit(product.databaseUrl(), 2_000, options.events, options.events);
        printAudit(results.audit);
      }
    } finally {
      await product.stop();
    }
  }
  results.loadAverageAfter = load();
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
}

const cells = (...texts: readonly (string | number)[]): string =>
  texts
    .map((text, index) => (index === 0 ? String(text).padEnd(26) : String(text).padStart(12)))
    .join(" ");

function printServing({ connections, rounds, runtime, echo, share }: ServingResult): void {
  const row = (name: string, one: LoadResult) =>
    cells(name, one.requestsPerSecond, one.p50Us, one.p99Us, one.failures);
  console.log(
    `\nServing tumour-triage over HTTP and JSON, ${connections} connections, median of ${rounds} rounds`,
  );
  console.log(cells("server", "requests/s", "p50 us", "p99 us", "failures"));
  console.log(row("runtime", runtime));
  console.log(row("echo", echo));
  console.log(
    `The runtime answers ${Math.round(share * 100)} % of what an echo server with the same JSON work does.`,
  );
}

function printBatch({ rows, batchRows, rounds, workerRowsPerSecond, bareRowsPerSecond, share }: BatchResult): void {
  console.log(`\nBatch work on digits 2.0.0, ${rows} rows of CSV, ${batchRows} rows in a run, median of ${rounds} rounds`);
  console.log(cells("", "rows/s"));
  console.log(cells("batch worker", workerRowsPerSecond));
  console.log(cells("bare loop", bareRowsPerSecond));
  console.log(`The worker does ${Math.round(share * 100)} % of what a bare loop over onnxruntime-node does with the same rows.`);
}

function printRollback({
  connections,
  rollbacks,
  lastCandidateMs,
  answeredMs,
  requestsPerSecond,
  failures,
}: RollbackResult): void {
  console.log(
    `\nRoll back under load, ${rollbacks} times, ${connections} connections, ${requestsPerSecond} requests/s`,
  );
  console.log(cells("from the click to", "p50 ms", "p99 ms"));
  console.log(cells("last candidate answer", lastCandidateMs.p50, lastCandidateMs.p99));
  console.log(cells("answer of the API", answeredMs.p50, answeredMs.p99));
  console.log(`${failures} failed inference requests.`);
}

function printAudit({ append, verify, pages }: AuditResult): void {
  console.log("\nAudit trail");
  console.log(cells("", "entries", "entries/s"));
  for (const one of append)
    console.log(cells(`append, ${one.connections} connections`, one.entries, one.perSecond));
  console.log(cells("verify offline", verify.entries, verify.perSecond));
  console.log(cells("  seconds, peak MiB", verify.seconds, verify.peakMebibytes));
  console.log(cells("\nPages of 50", "matching", "ms p50", "ms max"));
  for (const { page, matching, msP50, msMax } of pages) console.log(cells(page, matching, msP50, msMax));
}

main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = error instanceof TypeError ? 2 : 1;
});
