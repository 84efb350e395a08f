/**
 * How an endpoint is to be served: limits, batching, model hosts, what its libraries must be, and when more runtimes are wanted. One document for
 * each endpoint, changed as a whole and named by its digest; runtimes get it with their desired state.
 */

export const batchingModes = ["measured", "fixed", "off"] as const;
export type BatchingMode = (typeof batchingModes)[number];

export type RuntimeConfiguration = {
  readonly limits: {
    /** Requests between admission and answer, on each runtime; null: the runtime's own limit. */
    readonly maxConcurrency: number | null;
    /** Of these, how many may wait for a model host; null: all. */
    readonly maxQueued: number | null;
    /** Longest time to an answer, milliseconds; null: the model host's own limit. */
    readonly timeoutMs: number | null;
    /** Weight when endpoints compete for one runtime. */
    readonly share: number;
  };
  readonly batching: {
    /** `measured`: the size is found at warm-up, at most `maxRows`; `fixed`: `maxRows`, where batched answers equal those given alone; `off`: one by one. */
    readonly mode: BatchingMode;
    /** Null, with `measured` only: up to what the warm-up tries. */
    readonly maxRows: number | null;
    /** Rows at which a batch leaves without waiting for more, and sizes that a longer queue is cut into. Rising. */
    readonly preferredRows: readonly number[];
    /** How long an idle model host may be kept waiting for more rows, microseconds. */
    readonly maxDelayUs: number;
  };
  readonly hosts: {
    /** Model host processes for each version, on each runtime. */
    readonly count: number;
    /** Resident memory of one model host beyond which it is ended and started again; null: no limit. */
    readonly memoryLimitBytes: number | null;
  };
  readonly environment: {
    /** Libraries that a runtime must have, by name and version. */
    readonly lock: Readonly<Record<string, string>>;
    /** What a runtime does that has another version: not load it, or load it and say so. */
    readonly onLockMismatch: "refuse" | "flag";
  };
  readonly scaling: {
    /** Busy share of the model hosts that the recommended number of runtimes aims at. */
    readonly targetUtilisation: number;
  };
};

export const DEFAULT_RUNTIME_CONFIGURATION: RuntimeConfiguration = {
  limits: { maxConcurrency: null, maxQueued: null, timeoutMs: null, share: 1 },
  batching: { mode: "measured", maxRows: null, preferredRows: [], maxDelayUs: 0 },
  hosts: { count: 1, memoryLimitBytes: null },
  environment: { lock: {}, onLockMismatch: "flag" },
  scaling: { targetUtilisation: 0.6 },
};

export type ConfigurationProblem = { readonly pointer: string; readonly message: string };

const MIB = 1024 * 1024;
/** Less than this and the process that holds ONNX Runtime itself does not fit. */
const LEAST_HOST_MEMORY_BYTES = 96 * MIB;

const isRising = (values: readonly number[]): boolean => values.every((value, at) => at === 0 || value > (values[at - 1] ?? 0));

/** What contradicts itself in a configuration whose single values are in range, in words, with where. Empty: it can be served by. */
export function configurationProblems({ limits, batching, hosts }: RuntimeConfiguration): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const say = (pointer: string, message: string) => problems.push({ pointer, message });
  if (limits.maxQueued !== null && limits.maxConcurrency !== null && limits.maxQueued > limits.maxConcurrency)
    say("/limits/maxQueued", `At most ${String(limits.maxConcurrency)} requests are let in, so no more than that can wait.`);
  if (batching.mode === "fixed" && batching.maxRows === null) say("/batching/maxRows", "Say how many rows a batch may have, or let the size be measured.");
  if (batching.mode === "off" && (batching.maxRows !== null || batching.preferredRows.length > 0 || batching.maxDelayUs > 0))
    say("/batching/mode", "With batching off there is no batch size, preferred size or delay: leave them out.");
  if (!isRising(batching.preferredRows)) say("/batching/preferredRows", "Give each preferred size once, the smallest first.");
  const largest = batching.preferredRows.at(-1);
  if (largest !== undefined && batching.maxRows !== null && largest > batching.maxRows)
    say("/batching/preferredRows", `A batch has at most ${String(batching.maxRows)} rows, so ${String(largest)} cannot be preferred.`);
  if (limits.timeoutMs !== null && batching.maxDelayUs >= limits.timeoutMs * 1000)
    say("/batching/maxDelayUs", `Waiting this long for a batch would take the whole time to an answer, ${String(limits.timeoutMs)} ms.`);
  if (hosts.memoryLimitBytes !== null && hosts.memoryLimitBytes < LEAST_HOST_MEMORY_BYTES)
    say("/hosts/memoryLimitBytes", `A model host needs at least ${String(LEAST_HOST_MEMORY_BYTES / MIB)} MiB before any model is loaded.`);
  return problems;
}

/** How one version is loaded on each runtime. */
export type VersionSettings = Pick<RuntimeConfiguration, "batching" | "hosts" | "environment"> & {
  /** Longest time an endpoint of it gives an answer; null: none says. Milliseconds. */
  readonly timeoutMs: number | null;
};

const greatest = (values: readonly number[]): number => Math.max(...values);

function mergedBatching(all: readonly RuntimeConfiguration["batching"][]): RuntimeConfiguration["batching"] {
  const [first, ...rest] = all;
  if (first === undefined) return DEFAULT_RUNTIME_CONFIGURATION.batching;
  const off = all.find(({ mode }) => mode === "off");
  if (off !== undefined) return off;
  if (rest.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first;
  const sizes = all.flatMap(({ maxRows }) => maxRows ?? []);
  const maxRows = sizes.length === 0 ? null : Math.min(...sizes);
  const common = first.preferredRows.filter((size) => all.every(({ preferredRows }) => preferredRows.includes(size)));
  return {
    mode: all.every(({ mode }) => mode === "fixed") ? "fixed" : "measured",
    maxRows,
    preferredRows: common.filter((size) => maxRows === null || size <= maxRows),
    maxDelayUs: Math.min(...all.map(({ maxDelayUs }) => maxDelayUs)),
  };
}

/**
 * How a version is loaded that several endpoints use, because they share its model hosts: as many hosts and as much memory as the most demanding
 * asks for, batching as the most careful allows, and a library mismatch refused where any endpoint refuses it. Two locks that name different
 * versions of one library are both wanted; the runtime can have one, so the first endpoint's stands and `environment` refuses only if told to.
 */
export function versionSettings(configurations: readonly RuntimeConfiguration[]): VersionSettings {
  const all = configurations.length === 0 ? [DEFAULT_RUNTIME_CONFIGURATION] : configurations;
  const memory = all.map(({ hosts }) => hosts.memoryLimitBytes);
  const deadlines = all.flatMap(({ limits }) => limits.timeoutMs ?? []);
  return {
    batching: mergedBatching(all.map(({ batching }) => batching)),
    hosts: {
      count: greatest(all.map(({ hosts }) => hosts.count)),
      memoryLimitBytes: memory.includes(null) ? null : greatest(memory.map((bytes) => bytes ?? 0)),
    },
    environment: {
      lock: Object.assign({}, ...[...all].reverse().map(({ environment }) => environment.lock)) as Record<string, string>,
      onLockMismatch: all.some(({ environment }) => environment.onLockMismatch === "refuse") ? "refuse" : "flag",
    },
    timeoutMs: deadlines.length === 0 ? null : greatest(deadlines),
  };
}
