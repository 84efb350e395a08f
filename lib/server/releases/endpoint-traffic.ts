import type { Traffic } from "#lib/domain/release/power.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";

const RATE_WINDOW_MS = 600_000;
const REFERENCE_WINDOWS = 400;
/** With fewer requests a base rate is a guess. */
const LEAST_REQUESTS = 200;

type Reader = Pick<ReadModels, "windows"> | Pick<UnitOfWork, "windows">;

/** The endpoint's requests per second over the last ten minutes; null when it served none. */
export async function requestsPerSecond(db: Reader, endpointId: string, now: Date): Promise<number | null> {
  const windows = await db.windows.windowsOfEndpoint(endpointId, new Date(now.getTime() - RATE_WINDOW_MS));
  const first = windows[0];
  if (!first) return null;
  const seconds = Math.max(1, (now.getTime() - Date.parse(first.windowStart)) / 1000);
  return Math.round((10 * windows.reduce((sum, { requests }) => sum + requests, 0)) / seconds) / 10;
}

/** Stable's recent errors per request; null while too little was seen. */
export async function trafficOf(db: Reader, endpoint: Pick<EndpointRecord, "id" | "stableVersionId">, now: Date): Promise<Traffic | null> {
  const rate = await requestsPerSecond(db, endpoint.id, now);
  if (rate === null || rate <= 0 || endpoint.stableVersionId === null) return null;
  const windows = await db.windows.windowsBefore({ endpointId: endpoint.id, versionId: endpoint.stableVersionId, before: now }, REFERENCE_WINDOWS);
  const requests = windows.reduce((sum, window) => sum + window.requests, 0);
  if (requests < LEAST_REQUESTS) return null;
  return { requestsPerSecond: rate, baseRate: windows.reduce((sum, { errors }) => sum + errors, 0) / requests };
}
