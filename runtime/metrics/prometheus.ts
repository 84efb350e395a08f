import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Histogram } from "#lib/domain/statistics/histogram.ts";
import type { WindowSender } from "../control/window-sender.ts";
import type { Router } from "../router/router.ts";
import type { WindowSpool } from "../storage/window-spool.ts";
import type { VersionManager } from "../versions/version-manager.ts";
import type { RequestCounters } from "./request-counters.ts";
import type { Signals } from "./signals.ts";
import { tritonText } from "./triton-text.ts";

/** 32 bins to an octave: every 32nd edge is a power of two of microseconds, so these bounds cut no bin in two. 64 us to 67 s. */
const BOUND_OCTAVES = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26];
const BINS_PER_OCTAVE = 32;

export type MetricsOptions = {
  readonly counters: RequestCounters;
  readonly router: Router;
  readonly versions: VersionManager;
  readonly spool: WindowSpool;
  readonly windows: WindowSender;
  readonly signals: Signals;
  /** Seconds since the control plane last answered; null before the first time. */
  readonly silentSeconds: () => number | null;
};

type Labels = Record<string, string>;

const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");

/** One histogram of our own as Prometheus text: the library's histograms cannot be filled from counts. */
function histogramText(name: string, labels: Labels, histogram: Histogram): string {
  const lines: string[] = [];
  let bin = 0;
  let below = histogram.underflow;
  for (const octave of BOUND_OCTAVES) {
    for (; bin <= octave * BINS_PER_OCTAVE; bin += 1) below += histogram.bins[bin] ?? 0;
    lines.push(
      `${name}_bucket{${labelText({ ...labels, le: String(2 ** octave / 1e6) })}} ${below}`,
    );
  }
  lines.push(`${name}_bucket{${labelText({ ...labels, le: "+Inf" })}} ${histogram.count}`);
  lines.push(
    `${name}_sum{${labelText(labels)}} ${histogram.sum / 1e6}`,
    `${name}_count{${labelText(labels)}} ${histogram.count}`,
  );
  return lines.join("\n");
}

function histogramsText({ arms }: RequestCounters): string {
  const parts = [
    {
      name: "slipway_inference_duration_seconds",
      help: "From the whole request being here to its answer.",
      pick: "latencyUs",
    },
    {
      name: "slipway_inference_compute_duration_seconds",
      help: "In the model alone.",
      pick: "computeUs",
    },
    {
      name: "slipway_inference_queue_duration_seconds",
      help: "Waiting for a model host, the way there and back included.",
      pick: "queueUs",
    },
  ] as const;
  return parts
    .map(({ name, help, pick }) => {
      const rows = [...arms.values()].map((arm) =>
        histogramText(
          name,
          { endpoint: arm.endpoint, model: arm.model, version: arm.version, arm: arm.arm },
          arm[pick],
        ),
      );
      return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...rows].join("\n");
    })
    .join("\n");
}

function counter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  fill: (set: (labels: Labels, value: number) => void) => void,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      fill((labels, value) => this.inc(labels, value));
    },
  });
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  fill: (set: (labels: Labels, value: number) => void) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      fill((labels, value) => this.set(labels, value));
    },
  });
}

function registerRequests(registry: Registry, { counters, router }: MetricsOptions): void {
  const armLabels = ["endpoint", "model", "version", "arm"];
  const perArm = (
    name: string,
    help: string,
    pick:
      "answered" | "failed" | "flaggedValues" | "imputedValues" | "nonFiniteAnswers" | "oodRows",
  ): void =>
    counter(registry, name, help, armLabels, (set) => {
      for (const { endpoint, model, version, arm, [pick]: value } of counters.arms.values())
        set({ endpoint, model, version, arm }, value);
    });
  perArm("slipway_inference_requests_total", "Answered requests.", "answered");
  perArm("slipway_inference_failed_total", "Requests that the version failed to answer.", "failed");
  perArm("slipway_ood_total", "Rows far from the version's baseline.", "oodRows");
  perArm(
    "slipway_input_flagged_values_total",
    "Values served although the contract flags them.",
    "flaggedValues",
  );
  perArm(
    "slipway_input_imputed_values_total",
    "Values that the contract replaced.",
    "imputedValues",
  );
  perArm(
    "slipway_non_finite_answers_total",
    "Answers that held NaN or infinity.",
    "nonFiniteAnswers",
  );
  counter(
    registry,
    "slipway_inference_errors_total",
    "Requests without an answer, by reason.",
    ["endpoint", "reason", "code"],
    (set) => {
      for (const { endpoint, reason, status, count } of counters.errors.values())
        set({ endpoint, reason, code: status }, count);
    },
  );
  counter(
    registry,
    "slipway_feedback_labels_total",
    "Reported labels and values, by what became of them.",
    ["endpoint", "outcome"],
    (set) => {
      for (const { endpoint, outcome, count } of counters.labels.values())
        set({ endpoint, outcome }, count);
    },
  );
  gauge(
    registry,
    "slipway_inference_in_flight",
    "Requests between admission and answer.",
    ["endpoint"],
    (set) => {
      for (const state of router.endpoints()) set({ endpoint: state.desired.name }, state.inFlight);
    },
  );
  gauge(
    registry,
    "slipway_router_epoch",
    "Epoch of the route table in force.",
    ["endpoint"],
    (set) => {
      for (const state of router.endpoints())
        set({ endpoint: state.desired.name }, state.table?.epoch ?? 0);
    },
  );
  gauge(
    registry,
    "slipway_router_weight_bp",
    "Serving weight in basis points.",
    armLabels,
    (set) => {
      for (const state of router.endpoints()) {
        for (const { role, version, weightBp } of state.table?.arms ?? []) {
          set(
            {
              endpoint: state.desired.name,
              model: version.modelName,
              version: version.versionName,
              arm: role,
            },
            weightBp,
          );
        }
      }
    },
  );
}

function registerHosts(registry: Registry, { versions }: MetricsOptions): void {
  const labelNames = ["model", "version"];
  const perPool = (
    name: string,
    help: string,
    pick: "readyHosts" | "restarts" | "inFlight" | "queued" | "residentBytes",
  ): void =>
    gauge(registry, name, help, labelNames, (set) => {
      for (const { version, pool } of versions.pools())
        set({ model: version.modelName, version: version.versionName }, pool.stats()[pick]);
    });
  perPool("slipway_model_loaded", "Model hosts that have the version loaded.", "readyHosts");
  perPool(
    "slipway_model_host_restarts",
    "Model hosts restarted since the version was loaded.",
    "restarts",
  );
  perPool("slipway_model_in_flight", "Requests inside model hosts.", "inFlight");
  perPool("slipway_inference_queue_depth", "Requests waiting for a model host.", "queued");
  perPool(
    "slipway_model_memory_bytes",
    "Resident memory of the version's model hosts.",
    "residentBytes",
  );
}

function registerReporting(
  registry: Registry,
  { spool, windows, silentSeconds }: MetricsOptions,
): void {
  counter(
    registry,
    "slipway_monitor_windows_total",
    "Metric windows by what became of them.",
    ["outcome"],
    (set) => {
      set({ outcome: "sent" }, windows.sentWindows);
      set({ outcome: "refused" }, windows.refusedWindows);
      set({ outcome: "lost" }, spool.lostWindows);
    },
  );
  gauge(
    registry,
    "slipway_monitor_spool_bytes",
    "Windows on disk that wait for the control plane.",
    [],
    (set) => set({}, spool.bytes),
  );
  gauge(
    registry,
    "slipway_control_silent_seconds",
    "Since the control plane last answered.",
    [],
    (set) => {
      const seconds = silentSeconds();
      if (seconds !== null) set({}, seconds);
    },
  );
}

/** What autoscalers go by. */
function registerSignals(registry: Registry, { router, signals }: MetricsOptions): void {
  const nameOf = (): Map<string, string> =>
    new Map(router.endpoints().map(({ endpointId, desired }) => [endpointId, desired.name]));
  const perEndpoint = (
    name: string,
    help: string,
    pick:
      | "requestsPerSecond"
      | "concurrency"
      | "concurrencyLimit"
      | "utilisation"
      | "recommendedRuntimes",
  ): void =>
    gauge(registry, name, help, ["endpoint"], (set) => {
      const names = nameOf();
      for (const row of signals.read().endpoints) {
        const value = row[pick];
        if (value !== null) set({ endpoint: names.get(row.endpointId) ?? "" }, value);
      }
    });
  perEndpoint(
    "slipway_endpoint_requests_per_second",
    "Over the last seconds.",
    "requestsPerSecond",
  );
  perEndpoint("slipway_endpoint_concurrency", "Requests under way, mean.", "concurrency");
  perEndpoint(
    "slipway_endpoint_concurrency_limit",
    "Beyond it requests are refused.",
    "concurrencyLimit",
  );
  perEndpoint(
    "slipway_endpoint_utilisation_ratio",
    "Busy share of the serving version's model hosts.",
    "utilisation",
  );
  perEndpoint(
    "slipway_endpoint_recommended_runtimes",
    "Runtimes of this size that would bring utilisation to its target.",
    "recommendedRuntimes",
  );
  gauge(
    registry,
    "slipway_endpoint_queue_seconds_p95",
    "Waiting for a model host in the last second.",
    ["endpoint"],
    (set) => {
      const names = nameOf();
      for (const { endpointId, queueUsP95 } of signals.read().endpoints)
        if (queueUsP95 !== null) set({ endpoint: names.get(endpointId) ?? "" }, queueUsP95 / 1e6);
    },
  );
}

/** Answers the text of `/metrics`. Label sets are closed: no key, no prediction id, no value of a request ever becomes a label. */
export function createMetrics(
  options: MetricsOptions,
): (compat: "triton" | null) => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerRequests(registry, options);
  registerHosts(registry, options);
  registerReporting(registry, options);
  registerSignals(registry, options);
  return async (compat) => {
    const own = `${await registry.metrics()}${histogramsText(options.counters)}\n`;
    return compat === "triton" ? own + tritonText(options.counters) : own;
  };
}
