/**
 * `npm run bench:runtime -- [--only json,binary,batching,counting,isolation,swaps,cycles,soak] [--rounds 5] [--seconds 5] [--json FILE]`:
 * the serving runtime on this machine, in rounds that alternate between what is compared; median, and least to most, as a table and as JSON.
 * What the figures mean and how they were taken is in docs/performance.md. `soak` runs only when it is named.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchIsolation, benchLoadCycles, benchSoak, benchSwaps } from "./behaviour.ts";
import { benchCounting } from "./counting.ts";
import { spreadText, type Figure } from "./statistics.ts";
import { benchBatching, benchBinary, benchJson, type Rounds } from "./throughput.ts";

const PARTS = [
  "json",
  "binary",
  "batching",
  "counting",
  "isolation",
  "swaps",
  "cycles",
  "soak",
] as const;
type Part = (typeof PARTS)[number];

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new TypeError(`--${name} should be a whole number from 1 to 10 000.`);
  return value;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: PARTS.filter((part) => part !== "soak").join(",") },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      swaps: { type: "string", default: "200" },
      cycles: { type: "string", default: "200" },
      minutes: { type: "string", default: "30" },
      json: { type: "string" },
    },
  });
  const parts = values.only.split(",").map((word): Part => {
    const part = PARTS.find((one) => one === word.trim());
    if (part === undefined)
      throw new TypeError(`There is no part "${word}": use ${PARTS.join(", ")}.`);
    return part;
  });
  return {
    parts: new Set(parts),
    rounds: whole("rounds", values.rounds),
    seconds: whole("seconds", values.seconds),
    swaps: whole("swaps", values.swaps),
    cycles: whole("cycles", values.cycles),
    minutes: whole("minutes", values.minutes),
    json: values.json,
  };
}

const machine = {
  processor: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};

function print(figures: readonly Figure[]): void {
  for (const { name, unit, value, wanted, isMet } of figures) {
    const verdict =
      wanted === null ? "" : `  ${wanted}${isMet === null ? "" : isMet ? ": met" : ": NOT met"}`;
    console.log(
      `${name.padEnd(56)} ${spreadText(value).padStart(28)} ${unit.padEnd(12)}${verdict}`,
    );
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  const rounds: Rounds = options;
  const startedAt = new Date().toISOString();
  const loadBefore = loadavg()[0] ?? 0;
  const { processor, cores, memoryGib, node } = machine;
  console.log(
    `${processor}, ${cores} cores, ${memoryGib} GiB, Node ${node}; load average at the start ${loadBefore.toFixed(2)}`,
  );
  console.log(`${options.rounds} rounds of ${options.seconds} s; median (least to most)\n`);
  const figures: Figure[] = [];
  const run = async (part: Part, work: () => Promise<Figure[]> | Figure[]): Promise<void> => {
    if (!options.parts.has(part)) return;
    const found = await work();
    print(found);
    figures.push(...found);
  };
  await run("json", () => benchJson(rounds));
  await run("binary", () => benchBinary(rounds));
  await run("batching", () => benchBatching(rounds));
  const rate =
    figures.find(({ name }) => name === "JSON, 32 connections: runtime")?.value.median ?? null;
  await run("counting", () => benchCounting(options.rounds, rate));
  await run("isolation", () => benchIsolation(rounds));
  await run("swaps", () => benchSwaps(options.swaps));
  await run("cycles", () => benchLoadCycles(options.cycles));
  await run("soak", () => benchSoak(options.minutes));
  const result = {
    machine,
    startedAt,
    loadBefore,
    loadAfter: loadavg()[0] ?? 0,
    options: { ...options, parts: [...options.parts] },
    figures,
  };
  if (options.json === undefined) console.log(`\n${JSON.stringify(result)}`);
  else writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = error instanceof TypeError ? 2 : 1;
});
