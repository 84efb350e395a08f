"use client";

import type { RuntimeConfigurationView } from "#lib/contracts/views/runtime-configuration-view.ts";
import { SettingsForm, type SettingGroup } from "../shell/settings-form.tsx";
import { asPercent, asText, numberOf, shareOf } from "../shell/typed-number.ts";

const MIB = 1024 * 1024;

/** Everything as it is typed: the share in percent, memory in MiB, a library a line. */
type Draft = Record<
  "maxConcurrency" | "maxQueued" | "timeoutMs" | "share" | "mode" | "maxRows" | "preferredRows" | "maxDelayUs" | "count" | "memoryLimitBytes" | "lock" | "onLockMismatch" | "targetUtilisation",
  string
>;

const draftOf = ({ configuration: { limits, batching, hosts, environment, scaling } }: RuntimeConfigurationView): Draft => ({
  maxConcurrency: asText(limits.maxConcurrency),
  maxQueued: asText(limits.maxQueued),
  timeoutMs: asText(limits.timeoutMs),
  share: asText(limits.share),
  mode: batching.mode,
  maxRows: asText(batching.maxRows),
  preferredRows: batching.preferredRows.join(", "),
  maxDelayUs: asText(batching.maxDelayUs),
  count: asText(hosts.count),
  memoryLimitBytes: hosts.memoryLimitBytes === null ? "" : String(hosts.memoryLimitBytes / MIB),
  lock: Object.entries(environment.lock).map(([name, version]) => `${name} ${version}`).join("\n"),
  onLockMismatch: environment.onLockMismatch,
  targetUtilisation: asPercent(scaling.targetUtilisation),
});

/** "onnxruntime 1.23.0" a line; a line without a version is sent with an empty one, which the server refuses by name. */
function lockOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => {
    const [name = "", ...version] = line.split(/\s+/);
    return [name, version.join(" ")] as const;
  }));
}

function bodyOf(draft: Draft) {
  const memoryMib = numberOf(draft.memoryLimitBytes);
  return {
    configuration: {
      limits: { maxConcurrency: numberOf(draft.maxConcurrency), maxQueued: numberOf(draft.maxQueued), timeoutMs: numberOf(draft.timeoutMs), share: numberOf(draft.share) },
      batching: {
        mode: draft.mode,
        maxRows: numberOf(draft.maxRows),
        preferredRows: draft.preferredRows.split(/[\s,;]+/).filter((size) => size !== "").map(Number),
        maxDelayUs: numberOf(draft.maxDelayUs),
      },
      hosts: { count: numberOf(draft.count), memoryLimitBytes: memoryMib === null ? null : Math.round(memoryMib * MIB) },
      environment: { lock: lockOf(draft.lock), onLockMismatch: draft.onLockMismatch },
      scaling: { targetUtilisation: shareOf(draft.targetUtilisation) },
    },
  };
}

const at = (part: string) => (name: string) => `/configuration/${part}/${name}`;
const [limit, batch, host, library] = [at("limits"), at("batching"), at("hosts"), at("environment")];

const GROUPS: readonly SettingGroup<keyof Draft>[] = [
  {
    title: "Limits, on each runtime",
    fields: [
      { name: "maxConcurrency", pointer: limit("maxConcurrency"), label: "Requests under way, at most", hint: "Past it callers get 429 and when to try again. Empty: the runtime's own limit." },
      { name: "maxQueued", pointer: limit("maxQueued"), label: "Of these, waiting at most", hint: "For a free model host. Empty: all of them may wait." },
      { name: "timeoutMs", pointer: limit("timeoutMs"), label: "Time to an answer, in ms", hint: "Later than this the caller gets an error. Empty: the model host's own limit, 10,000 ms." },
      { name: "share", pointer: limit("share"), label: "Share when endpoints compete", hint: "By default 1; an endpoint with 3 is served three times as often when all are busy." },
    ],
  },
  {
    title: "Batching",
    fields: [
      {
        name: "mode", pointer: batch("mode"), label: "Batch size", hint: "Measured is the default: batches only where the warm-up finds that they help.",
        kind: { options: [{ value: "measured", label: "Measured at warm-up" }, { value: "fixed", label: "Fixed" }, { value: "off", label: "One by one" }] },
      },
      { name: "maxRows", pointer: batch("maxRows"), label: "Rows in a batch, at most", hint: "2 to 1,024. Empty, when measured: what the warm-up tries." },
      { name: "preferredRows", pointer: batch("preferredRows"), label: "Preferred sizes", hint: "The smallest first, such as 4, 16. A batch of such a size leaves at once.", kind: "text" },
      { name: "maxDelayUs", pointer: batch("maxDelayUs"), label: "Wait for more rows, in µs", hint: "Added to each answer on an idle endpoint. By default 0." },
    ],
  },
  {
    title: "Model hosts",
    fields: [
      { name: "count", pointer: host("count"), label: "Processes for each version", hint: "On each runtime. By default 1; more helps only with cores to spare." },
      { name: "memoryLimitBytes", pointer: host("memoryLimitBytes"), label: "Memory of one, in MiB", hint: "Past it the process is ended and started again. Empty: no limit." },
    ],
  },
  {
    title: "Libraries",
    fields: [
      { name: "lock", pointer: library("lock"), label: "Libraries that a runtime must have", hint: "Name and version, one a line, such as onnxruntime-node 1.23.0. Empty: none.", kind: "area" },
      {
        name: "onLockMismatch", pointer: library("onLockMismatch"), label: "A runtime with others", hint: "What it does with versions for this endpoint.",
        kind: { options: [{ value: "flag", label: "Loads them and says so" }, { value: "refuse", label: "Does not load them" }] },
      },
    ],
  },
  {
    title: "Scaling",
    fields: [
      { name: "targetUtilisation", pointer: "/configuration/scaling/targetUtilisation", label: "Busy share aimed at, in %", hint: "Of the model hosts; the recommended number of runtimes follows from it. By default 60." },
    ],
  },
];

/** The whole runtime configuration of an endpoint, saved with a reason. */
export function RuntimeConfigurationForm({ view }: { view: RuntimeConfigurationView }) {
  return (
    <SettingsForm
      id="configuration"
      groups={GROUPS}
      initial={draftOf(view)}
      bodyOf={bodyOf}
      path={`/api/v1/endpoints/${encodeURIComponent(view.endpointName)}/runtime-configuration`}
      rowVersion={view.number}
      topics={["runtime-configuration"]}
      button="Put it in force"
      saved={`The runtime configuration of ${view.endpointName} is in force.`}
    />
  );
}
