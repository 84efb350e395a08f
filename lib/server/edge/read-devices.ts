import type { DevicesView } from "#lib/contracts/edge.ts";
import { RINGS_BP } from "#lib/domain/edge/rings.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { Actor, ReadModels } from "../ports.ts";
import type { Store } from "../store.ts";

const UPDATES_SHOWN = 50;

/** The devices of one endpoint and the orders they were given, for a reader who may see them. */
export async function devicesOf(db: ReadModels, endpoint: EndpointRecord): Promise<DevicesView> {
  const manifests = (await db.devices.manifestsOf(endpoint.id)).slice(0, UPDATES_SHOWN);
  const names = new Map<string, string>();
  for (const id of new Set(manifests.map(({ versionId }) => versionId))) names.set(id, (await db.models.getVersionById(id)).name);
  const counts = await db.deviceStandings.outcomesByNumber(endpoint.id);
  const fleet = await db.deviceStandings.fleetOf(endpoint.id);
  return {
    endpoint: endpoint.name,
    environment: endpoint.environment.name,
    model: endpoint.modelName,
    version: endpoint.stableVersionId === null ? null : (await db.models.getVersionById(endpoint.stableVersionId)).name,
    updates: manifests.map(({ number, kind, versionId, ring, state, hardware, author, reason, createdAt }) => ({
      number, kind, ring, state, hardware, author, reason,
      version: names.get(versionId) ?? "",
      shareBp: RINGS_BP[ring] ?? 0,
      ...(counts.get(number) ?? { installed: 0, failed: 0 }),
      createdAt: createdAt.toISOString(),
    })),
    devices: fleet.map(({ enrolledAt, revokedAt, contactAt, countsAt, ...device }) => ({
      ...device,
      enrolledAt: enrolledAt.toISOString(),
      revokedAt: revokedAt?.toISOString() ?? null,
      contactAt: contactAt?.toISOString() ?? null,
      countsAt: countsAt?.toISOString() ?? null,
    })),
  };
}

/** The devices of one endpoint with the orders they were given. */
export const readDevices =
  (store: Store) =>
  async (actor: Actor, query: { endpoint: string }): Promise<DevicesView> =>
    store.readSnapshot(async (db) => {
      const located = await locateEndpoint(db, { name: query.endpoint });
      authorise(actor, "device:read", located);
      const { endpoint } = located;
      if (endpoint.pattern !== "edge") throw new AppError("conflict", `${endpoint.name} is not served on devices.`);
      return devicesOf(db, endpoint);
    });
