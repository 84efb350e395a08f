import { DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration } from "./runtime-configuration.ts";

/** One value of a runtime configuration as people read it. */
export type ConfigurationLine = { readonly label: string; readonly value: string; readonly isDefault: boolean };
export type ConfigurationDifference = { readonly label: string; readonly before: string; readonly after: string };

const MIB = 1024 * 1024;
const whole = (value: number, unit: string): string => `${String(value)} ${unit}`;
const orElse = (value: number | null, unit: string, none: string): string => (value === null ? none : whole(value, unit));
const MODES = { measured: "size measured at warm-up", fixed: "fixed size", off: "off" } as const;

const LINES: readonly (readonly [label: string, value: (configuration: RuntimeConfiguration) => string])[] = [
  ["Requests under way, on each runtime", ({ limits }) => orElse(limits.maxConcurrency, "at most", "the runtime's own limit")],
  ["Of these waiting", ({ limits }) => orElse(limits.maxQueued, "at most", "all of them")],
  ["Time to an answer", ({ limits }) => orElse(limits.timeoutMs, "ms at most", "the model host's own limit")],
  ["Share when endpoints compete", ({ limits }) => String(limits.share)],
  ["Batching", ({ batching }) => MODES[batching.mode]],
  ["Rows in a batch", ({ batching }) => (batching.mode === "off" ? "1" : orElse(batching.maxRows, "at most", "what the warm-up finds best"))],
  ["Preferred batch sizes", ({ batching }) => (batching.preferredRows.length === 0 ? "none" : batching.preferredRows.join(", "))],
  ["Wait for more rows", ({ batching }) => whole(batching.maxDelayUs, "us")],
  ["Model hosts of a version, on each runtime", ({ hosts }) => String(hosts.count)],
  ["Memory of a model host", ({ hosts }) => (hosts.memoryLimitBytes === null ? "no limit" : `${String(Math.round(hosts.memoryLimitBytes / MIB))} MiB at most`)],
  [
    "Libraries that a runtime must have",
    ({ environment }) => Object.entries(environment.lock).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, version]) => `${name} ${version}`).join(", ") || "none named",
  ],
  ["A runtime with other libraries", ({ environment }) => (environment.onLockMismatch === "refuse" ? "does not load the version" : "loads it and says so")],
  ["Busy share aimed at", ({ scaling }) => `${String(Number((scaling.targetUtilisation * 100).toPrecision(6)))} %`],
];

/** Every value with its name and unit, in a fixed order; which of them nobody has changed. */
export function configurationLines(configuration: RuntimeConfiguration): ConfigurationLine[] {
  return LINES.map(([label, text]) => ({ label, value: text(configuration), isDefault: text(configuration) === text(DEFAULT_RUNTIME_CONFIGURATION) }));
}

/** The values that two configurations do not have in common. */
export function configurationDifferences(before: RuntimeConfiguration, after: RuntimeConfiguration): ConfigurationDifference[] {
  return LINES.map(([label, text]) => ({ label, before: text(before), after: text(after) })).filter((line) => line.before !== line.after);
}
