import { verify } from "node:crypto";
import type { z } from "zod";
import { deviceReport, type CheckInResponse, type DeviceCountsResponse, type DeviceReport, type enrolDeviceBody, type enrolDeviceResponse } from "#lib/contracts/edge.ts";
import { artifactSubject, checkInSubject, CLOCK_TOLERANCE_MS, countsSubject, deviceProofText } from "#lib/domain/edge/device-proof.ts";
import { manifestText } from "#lib/domain/edge/manifest.ts";
import { isPastFailureLimit, orderFor } from "#lib/domain/edge/rings.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { textDigest } from "../content-digest.ts";
import type { DeviceManifestRecord, DeviceRecord } from "../db/device-repository.ts";
import { policyActor, systemActor, type CallContext } from "../ports.ts";
import type { Store } from "../store.ts";
import { devicePublicKey, enrolDevice } from "./enrol-device.ts";
import { takeCounts } from "./take-counts.ts";
import { holdDeviceUpdate } from "./update-devices.ts";

/** What devices ask. None of them has a token: each call is signed by the device's own key. */
export type DeviceDesk = {
  enrol(body: z.output<typeof enrolDeviceBody>, context: CallContext): Promise<z.input<typeof enrolDeviceResponse>>;
  /** `report` as it was sent: what is signed is what is read. */
  checkIn(proof: string | null, report: string): Promise<CheckInResponse>;
  /** Counts a batch of windows, once. `batch` as it was sent. */
  takeCounts(proof: string | null, batch: string): Promise<DeviceCountsResponse>;
  /** Throws unless this device may have the file with this digest. */
  requireArtifact(proof: string | null, digest: string): Promise<void>;
};

const POLL_SECONDS = 60;
/** A signed order is good for this long; a device that comes later gets a fresh one. */
const ORDER_TTL_MS = 7 * 86_400_000;

const refused = (message: string, details?: Record<string, unknown>): AppError =>
  new AppError("not_authenticated", message, details === undefined ? {} : { details });

async function proven(store: Store, proof: string | null, subject: string): Promise<{ device: DeviceRecord; now: Date }> {
  const [, id = "", at = "", signature = ""] = /^([0-9a-f-]{36})\.(\d{1,15})\.([\w-]{86})$/.exec(proof ?? "") ?? [];
  if (id === "") throw refused("A device proves each call by its key, in the header slipway-device-proof.");
  const { device, now } = await store.read(async (db) => ({ device: await db.devices.findDevice(id), now: await db.clock.databaseNow() }));
  const key = device === null ? null : devicePublicKey(device.publicKey);
  if (device === null || key === null || !verify(null, Buffer.from(deviceProofText(id, Number(at), subject)), key, Buffer.from(signature, "base64url")))
    throw refused("The device is not known here, or the proof is not by its key.");
  if (Math.abs(now.getTime() - Number(at)) > CLOCK_TOLERANCE_MS)
    throw refused("The device's clock is more than five minutes off.", { databaseTimeMs: now.getTime() });
  if (device.revokedAt !== null)
    throw new AppError("forbidden", `Device ${device.name} was revoked: nothing that it asks or says is taken any more. It may go on serving what it has.`, {
      hint: "To join again it needs a new code and makes a new key.",
      details: { revokedAt: device.revokedAt.toISOString() },
    });
  return { device, now };
}

function parseReport(text: string): DeviceReport {
  try {
    return deviceReport.parse(JSON.parse(text));
  } catch {
    throw new AppError("invalid_input", "The report cannot be read.", { errors: [{ pointer: "/report", message: "Not a device report." }] });
  }
}

/** Stops an update by itself once more of its devices failed than its limit allows. */
async function holdIfFailing(store: Store, device: DeviceRecord, number: number): Promise<void> {
  const found = await store.read(async (db) => {
    const update = (await db.devices.manifestsOf(device.endpointId)).find((one) => one.number === number);
    const outcomes = (await db.deviceStandings.outcomesByNumber(device.endpointId)).get(number);
    const endpoint = await db.endpoints.getEndpoint({ id: device.endpointId });
    return { update, outcomes, endpoint };
  });
  const { update, outcomes, endpoint } = found;
  if (update?.state !== "rolling" || outcomes === undefined) return;
  const { installed, failed } = outcomes;
  if (!isPastFailureLimit(installed, failed, update.failureLimitBp)) return;
  const reason = `${failed} of ${installed + failed} devices that tried update ${number} went back; the limit is ${update.failureLimitBp / 100} %.`;
  await holdDeviceUpdate(store)(policyActor(), { endpoint: endpoint.name, number, reason }).catch((error: unknown) => {
    // Somebody else stopped or changed it in the same moment: what was wanted is done, or the next report asks again.
    if (!(error instanceof AppError) || (error.code !== "illegal_transition" && error.code !== "stale_version")) throw error;
  });
}

export function createDeviceDesk({ store, trail }: { readonly store: Store; readonly trail: () => Promise<AuditTrail> }): DeviceDesk {
  const orderText = async (order: DeviceManifestRecord, now: Date): Promise<CheckInResponse["order"]> => {
    const { version, endpoint } = await store.read(async (db) => ({
      version: await db.desired.desiredVersion(order.versionId),
      endpoint: await db.endpoints.getEndpoint({ id: order.endpointId }),
    }));
    if (version === null) throw notFound();
    const document = JSON.stringify(version);
    const { endpointId, number, kind, versionId, versionOrdinal, floorOrdinal, hardware } = order;
    const manifest = {
      endpointId, endpoint: endpoint.name, environment: endpoint.environment.name, number, kind, versionId, versionOrdinal, floorOrdinal,
      document: textDigest(document), hardware, expiresAtMs: now.getTime() + ORDER_TTL_MS,
    };
    return { note: await (await trail()).signStatement(manifestText(manifest)), document };
  };
  /** The bins of what serves there, where it counts by others. */
  const baselineFor = async ({ serving, binsHash }: DeviceReport): Promise<Pick<CheckInResponse, "baseline">> => {
    if (serving === null || binsHash === undefined) return {};
    const [baseline] = await store.read((db) => db.baselines.desiredBaselines([serving.versionId]));
    return (baseline?.binsHash ?? null) === binsHash ? {} : { baseline: baseline ?? null };
  };
  return {
    async enrol(body, context) {
      const joined = await enrolDevice(store)(systemActor("Device enrolment", context), body);
      return { ...joined, verifierKey: (await trail()).vkey };
    },
    async checkIn(proof, text) {
      const { device, now } = await proven(store, proof, checkInSubject(textDigest(text)));
      const report = parseReport(text);
      const isNew = await store.telemetry(({ deviceStandings }) => deviceStandings.keepReport(device, report));
      if (isNew && report.tried !== null && report.tried.outcome !== "installed") await holdIfFailing(store, device, report.tried.number);
      const orders = await store.read((db) => db.devices.manifestsOf(device.endpointId));
      const fitting = orders.filter(({ hardware }) => hardware.length === 0 || hardware.includes(device.hardware));
      const order = orderFor(fitting, device.bucket);
      const known = Math.max(report.serving?.number ?? 0, report.tried?.number ?? 0);
      return {
        order: order === null || order.number <= known ? null : await orderText(order, now),
        databaseTimeMs: now.getTime(),
        pollSeconds: POLL_SECONDS,
        ...(await baselineFor(report)),
      };
    },
    async takeCounts(proof, batch) {
      const { device } = await proven(store, proof, countsSubject(textDigest(batch)));
      return takeCounts(store, device, batch);
    },
    async requireArtifact(proof, digest) {
      const { device } = await proven(store, proof, artifactSubject(digest));
      if (!(await store.read((db) => db.devices.isFileOffered(device.endpointId, digest)))) throw notFound();
    },
  };
}
