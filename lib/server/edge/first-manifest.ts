import { LAST_RING } from "#lib/domain/edge/rings.ts";
import type { DeviceManifestRecord } from "../db/device-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";

type NewManifest = Omit<DeviceManifestRecord, "createdAt" | "rowVersion">;

/** The order that every device gets which joins a new endpoint. */
export const firstManifest = (endpointId: string, versionId: string, actor: Actor): NewManifest => ({
  id: newId(),
  endpointId,
  number: 1,
  kind: "update",
  versionId,
  versionOrdinal: 1,
  floorOrdinal: 1,
  hardware: [],
  ring: LAST_RING,
  state: "complete",
  failureLimitBp: 10_000,
  authorId: actor.userId,
  author: actor.name,
  reason: "First version of the endpoint.",
});
