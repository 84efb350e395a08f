import { z } from "zod";
import { windowReport } from "./runtime-protocol.ts";
import { monitoringBaseline } from "./runtime-telemetry.ts";

/** Devices: what people order, and what crosses the line between control plane and device. */

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const hardware = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "such as linux-arm64");
const ordinal = z.number().int().min(1).max(2_147_483_647);
export const deviceName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, "lower-case letters, digits, dots and dashes, at most 63");

export const edgeManifest = z.strictObject({
  endpointId: z.uuid(),
  endpoint: z.string().max(64),
  environment: z.string().max(64),
  number: ordinal,
  kind: z.enum(["update", "rollback"]),
  versionId: z.uuid(),
  versionOrdinal: ordinal,
  floorOrdinal: ordinal,
  document: digest,
  hardware: z.array(hardware).max(16),
  expiresAtMs: z.number().int(),
});

/** POST devices/enrol. The device made the key itself; the signature over the code shows that it holds the private half. */
export const enrolDeviceBody = z.strictObject({
  code: z.string().min(20).max(100),
  name: deviceName,
  hardware,
  /** Ed25519, base64 of the SubjectPublicKeyInfo. */
  publicKey: z.base64().max(200),
  /** Base64, over the text of the code. */
  signature: z.base64().max(200),
});

export const enrolDeviceResponse = z.object({
  deviceId: z.uuid(),
  endpointId: z.uuid(),
  endpoint: z.string(),
  /** What manifests are verified by from now on. */
  verifierKey: z.string(),
});

/** `<device id>.<milliseconds>.<base64url signature>` over `deviceProofText`. */
export const DEVICE_PROOF_HEADER = "slipway-device-proof";

export const deviceReport = z.strictObject({
  /** Rises with each report, also over restarts; an older one that comes late says nothing. */
  seq: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  slipwayVersion: z.string().max(32),
  /** What serves now. */
  serving: z.strictObject({ number: ordinal, versionId: z.uuid() }).nullable(),
  /** What was tried last, if it was more than what serves. */
  tried: z.strictObject({ number: ordinal, outcome: z.enum(["installed", "reverted", "refused"]), problem: z.string().max(500).nullable() }).nullable(),
  /** The bins it counts inputs and answers of the version by; null: none. Left out by devices that count by none at all. */
  binsHash: digest.nullable().optional(),
});
export type DeviceReport = z.output<typeof deviceReport>;

/** The report travels as text, so that what is signed is what is read. */
export const checkInBody = z.strictObject({ report: z.string().max(4096) });

export const checkInResponse = z.object({
  /** A signed note with the manifest, and the document that it names. Null: nothing newer is meant for this device. */
  order: z.object({ note: z.string(), document: z.string() }).nullable(),
  databaseTimeMs: z.number().int(),
  pollSeconds: z.number().int().min(1),
  /** The bins of the version that serves, where the device counts by others. */
  baseline: monitoringBaseline.nullable().optional(),
});
export type CheckInResponse = z.output<typeof checkInResponse>;

/** Windows that a device kept until it could send them. A batch keeps its number and its content, however often it is sent. */
export const deviceCounts = z.strictObject({
  /** Rises with each batch over the device's whole life. */
  number: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  bootId: z.uuid(),
  windows: z.array(windowReport).min(1).max(500),
  /** Predictions that it has had to forget the counts of, ever. */
  lostPredictions: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
});
export type DeviceCounts = z.output<typeof deviceCounts>;

/** POST devices/counts. The batch travels as text, so that what is signed is what is read. */
export const deviceCountsBody = z.strictObject({ batch: z.string().max(3 * 1_048_576) });

export const deviceCountsResponse = z.object({
  /** False: this batch had arrived before. */
  isNew: z.boolean(),
  /** Windows that were counted. */
  accepted: z.number().int(),
  /** Windows of a time that cannot be, which were not. */
  undated: z.number().int(),
});
export type DeviceCountsResponse = z.output<typeof deviceCountsResponse>;

const reason = z.string().trim().min(10, "Say why in at least 10 characters.").max(2000);

export const createDeviceCodeBody = z.strictObject({
  endpoint: z.string().max(64),
  validMinutes: z.number().int().min(1).max(10_080).default(60),
});

export const startDeviceUpdateBody = z.strictObject({
  endpoint: z.string().max(64),
  version: z.string().max(64),
  hardware: z.array(hardware).max(16).default([]),
  failureLimitBp: z.number().int().min(0).max(10_000).default(500),
  reason,
});

export const deviceUpdateReasonBody = z.strictObject({ reason });

export const deviceUpdateView = z.object({
  number: z.number().int(),
  kind: z.enum(["update", "rollback"]),
  version: z.string(),
  ring: z.number().int(),
  /** Share of the devices that the ring reaches. */
  shareBp: z.number().int(),
  state: z.enum(["rolling", "held", "complete"]),
  hardware: z.array(z.string()),
  installed: z.number().int(),
  failed: z.number().int(),
  author: z.string(),
  reason: z.string(),
  createdAt: z.string(),
});

export const devicesView = z.object({
  endpoint: z.string(),
  environment: z.string(),
  model: z.string(),
  /** What every device should run. */
  version: z.string().nullable(),
  /** Newest first. */
  updates: z.array(deviceUpdateView),
  devices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      hardware: z.string(),
      bucket: z.number().int(),
      enrolledAt: z.string(),
      /** From when its calls are refused, and by whose act. */
      revokedAt: z.string().nullable(),
      revokedBy: z.string().nullable(),
      contactAt: z.string().nullable(),
      manifestNumber: z.number().int().nullable(),
      version: z.string().nullable(),
      outcome: z.string().nullable(),
      problem: z.string().nullable(),
      /** When counts of its predictions last came in. */
      countsAt: z.string().nullable(),
      /** Predictions that are in no count: forgotten for want of room, or of a time that cannot be. */
      uncounted: z.number().int(),
    }),
  ),
});
export type DevicesView = z.output<typeof devicesView>;
export type DeviceUpdateView = z.output<typeof deviceUpdateView>;
