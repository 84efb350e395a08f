import type { RequestCounters } from "./request-counters.ts";

const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/**
 * The counts under the names that Triton's dashboards ask for (`/metrics?compat=triton`). Model and version are the endpoint and the
 * version that answered; times are cumulative microseconds, as there.
 */
export function tritonText({ arms, errors }: RequestCounters): string {
  const rows = [...arms.values()];
  const series = (
    name: string,
    help: string,
    value: (arm: (typeof rows)[number]) => number,
  ): string =>
    [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} counter`,
      ...rows.map(
        (arm) =>
          `${name}{model="${escapeLabel(arm.endpoint)}",version="${escapeLabel(arm.version)}"} ${Math.round(value(arm))}`,
      ),
    ].join("\n");
  const rejected = new Map<string, number>();
  for (const { endpoint, reason, count } of errors.values()) {
    const kind =
      reason === "overloaded"
        ? "REJECTED"
        : reason === "cancelled"
          ? "CANCELED"
          : reason === "model_error" || reason === "host_lost" || reason === "timeout"
            ? "BACKEND"
            : "OTHER";
    const key = `model="${escapeLabel(endpoint)}",version="",reason="${kind}"`;
    rejected.set(key, (rejected.get(key) ?? 0) + count);
  }
  return [
    series("nv_inference_request_success", "Answered requests.", (arm) => arm.answered),
    `# HELP nv_inference_request_failure Requests without an answer.\n# TYPE nv_inference_request_failure counter`,
    ...[...rejected].map(([labels, count]) => `nv_inference_request_failure{${labels}} ${count}`),
    series("nv_inference_count", "Answered inferences.", (arm) => arm.answered),
    series("nv_inference_exec_count", "Model executions.", (arm) => arm.computeUs.count),
    series("nv_inference_request_duration_us", "Whole requests.", (arm) => arm.latencyUs.sum),
    series("nv_inference_queue_duration_us", "Waiting for a model host.", (arm) => arm.queueUs.sum),
    series("nv_inference_compute_infer_duration_us", "In the model.", (arm) => arm.computeUs.sum),
    "",
  ].join("\n");
}
