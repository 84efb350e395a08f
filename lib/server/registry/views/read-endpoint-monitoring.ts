import { z } from "zod";
import {
  endpointMonitoringQuery,
  type EndpointMonitoringView,
  type MonitoringArm,
  type MonitoringPoint,
  type MonitoringRange,
} from "#lib/contracts/views/endpoint-view.ts";
import { mergeAll, quantileUs, type SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import type { TrafficSlice } from "../../db/traffic-reads.ts";
import { query } from "../../read.ts";

/** Length of each range and of one of its points; at most 120 points. */
export const RANGES: Readonly<Record<MonitoringRange, { readonly seconds: number; readonly pointSeconds: number }>> = {
  "15m": { seconds: 900, pointSeconds: 10 },
  "1h": { seconds: 3600, pointSeconds: 30 },
  "6h": { seconds: 21_600, pointSeconds: 180 },
  "24h": { seconds: 86_400, pointSeconds: 720 },
};

/** Arms in the order they are drawn. */
const ORDER = ["stable", "candidate", "previous", "shadow"];

function latencyOf(histogram: SparseHistogram): Pick<MonitoringPoint, "p50Ms" | "p95Ms" | "p99Ms"> {
  const ms = (q: number): number | null => {
    const us = quantileUs(histogram, q);
    return us === null ? null : us / 1000;
  };
  return { p50Ms: ms(0.5), p95Ms: ms(0.95), p99Ms: ms(0.99) };
}

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : Math.min(1, part / whole));

function pointsOf(slices: readonly TrafficSlice[], from: Date, pointSeconds: number, points: number): MonitoringPoint[] {
  const bySlice = new Map(slices.map((slice) => [slice.slice, slice]));
  return Array.from({ length: points }, (_, index) => {
    const slice = bySlice.get(index);
    const at = new Date(from.getTime() + index * pointSeconds * 1000).toISOString();
    if (slice === undefined) return { at, requestsPerSecond: null, errorShare: null, p50Ms: null, p95Ms: null, p99Ms: null };
    return {
      at,
      requestsPerSecond: slice.requests / pointSeconds,
      errorShare: shareOf(slice.errors, slice.requests),
      ...latencyOf(slice.latencyUs),
    };
  });
}

/** Adds the slices of each arm up and draws its points; `slices` in any order. */
export function monitoringArms(
  slices: readonly TrafficSlice[],
  versions: ReadonlyMap<string, string>,
  frame: { readonly from: Date; readonly pointSeconds: number; readonly points: number },
): MonitoringArm[] {
  const groups = new Map<string, TrafficSlice[]>();
  for (const slice of slices) {
    const key = `${slice.arm} ${versions.get(slice.versionId) ?? "unknown"}`;
    groups.set(key, [...(groups.get(key) ?? []), slice]);
  }
  const arms = [...groups].flatMap(([key, own]): MonitoringArm[] => {
    const [first] = own;
    const sum = (of: (slice: TrafficSlice) => number) => own.reduce((total, slice) => total + of(slice), 0);
    const requests = sum((slice) => slice.requests);
    const labelsReceived = sum((slice) => slice.labelsReceived);
    if (first === undefined || (requests === 0 && labelsReceived === 0 && first.arm !== "stable")) return [];
    return [
      {
        key,
        role: first.arm,
        versionName: versions.get(first.versionId) ?? "unknown",
        requests,
        errors: sum((slice) => slice.errors),
        refused: sum((slice) => slice.refused),
        labelsReceived,
        labelsWrong: sum((slice) => slice.labelsWrong),
        ...latencyOf(mergeAll(own.map(({ latencyUs }) => latencyUs))),
        points: pointsOf(own, frame.from, frame.pointSeconds, frame.points),
      },
    ];
  });
  return arms.sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || b.requests - a.requests);
}

/** Requests, errors and latency of an endpoint by arm over the last while. The slice that still fills is left out. */
export const readEndpointMonitoring = query({
  name: "read-endpoint-monitoring",
  permission: "endpoint:read",
  of: "one",
  input: endpointMonitoringQuery.extend({ endpoint: z.string().max(128) }),
  async run({ db, input, now, authorise }): Promise<EndpointMonitoringView> {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    authorise({
      environmentId: endpoint.environment.id,
      targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }],
    });
    const { seconds, pointSeconds } = RANGES[input.range];
    const stepMs = pointSeconds * 1000;
    const to = new Date(Math.floor(now.getTime() / stepMs) * stepMs);
    const from = new Date(to.getTime() - seconds * 1000);
    const points = seconds / pointSeconds;
    const found = await db.traffic.trafficSlices(endpoint.id, from, pointSeconds);
    const slices = found.filter(({ slice }) => slice >= 0 && slice < points);
    const ids = slices.map(({ versionId }) => versionId);
    const heads = await db.registry.versionHeads({ ids }, ids.length);
    const versions = new Map(heads.map(({ id, name }) => [id, name]));
    return {
      asOf: now.toISOString(),
      range: input.range,
      from: from.toISOString(),
      to: to.toISOString(),
      pointSeconds,
      arms: monitoringArms(slices, versions, { from, pointSeconds, points }),
    };
  },
});
