import { z } from "zod";
import {
  checkInBody,
  checkInResponse,
  createDeviceCodeBody,
  deviceCountsBody,
  deviceCountsResponse,
  deviceName,
  devicesView,
  deviceUpdateReasonBody,
  enrolDeviceBody,
  enrolDeviceResponse,
  startDeviceUpdateBody,
} from "#lib/contracts/edge.ts";
import { deviceFleetsView } from "#lib/contracts/views/devices-view.ts";
import { operation } from "#lib/contracts/operation.ts";

/** Devices: how they join, what they are told to run, and what people order them. */

const none = z.strictObject({});
const endpoint = z.string().max(64);
const updateParams = z.strictObject({ endpoint, number: z.coerce.number().int().positive() });
const updateState = z.object({ number: z.number().int(), ring: z.number().int(), state: z.string() });

export const enrolDevice = operation({
  name: "enrolDevice",
  method: "POST",
  path: "/api/runtime/v1/devices/enrol",
  summary: "Join with a one-time code and a key that the device made itself",
  permission: "anyone",
  params: none,
  query: none,
  body: enrolDeviceBody,
  response: enrolDeviceResponse,
  status: 201,
});

export const checkInDevice = operation({
  name: "checkInDevice",
  method: "POST",
  path: "/api/runtime/v1/devices/check-in",
  summary: "A device says how it is and is told what to run; proven by its key in slipway-device-proof",
  permission: "anyone",
  params: none,
  query: none,
  body: checkInBody,
  response: checkInResponse,
  status: 200,
});

export const sendDeviceCounts = operation({
  name: "sendDeviceCounts",
  method: "POST",
  path: "/api/runtime/v1/devices/counts",
  summary: "A device hands in windows that it kept; a batch counts once, however often it comes; proven by its key in slipway-device-proof",
  permission: "anyone",
  params: none,
  query: none,
  body: deviceCountsBody,
  response: deviceCountsResponse,
  status: 200,
  maxBodyBytes: 4 * 1_048_576,
});

export const getDeviceArtifact = operation({
  name: "getDeviceArtifact",
  method: "GET",
  path: "/api/runtime/v1/devices/artifacts/{digest}",
  summary: "A file of a version that the device's endpoint has been told of, whole or a range; proven by the device's key",
  permission: "anyone",
  params: z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  query: none,
  body: null,
  response: null,
  responseType: "application/octet-stream",
  status: 200,
});

export const listDevices = operation({
  name: "listDevices",
  method: "GET",
  path: "/api/v1/edge/devices",
  summary: "The devices of an endpoint, what each runs, and the updates they were offered",
  permission: "device:read",
  params: none,
  query: z.strictObject({ endpoint }),
  body: null,
  response: devicesView,
  status: 200,
});

export const createDeviceCode = operation({
  name: "createDeviceCode",
  method: "POST",
  path: "/api/v1/edge/codes",
  summary: "A code with which one device may join an endpoint, shown once",
  permission: "device:manage",
  params: none,
  query: none,
  body: createDeviceCodeBody,
  response: z.object({ code: z.string(), expiresAt: z.string() }),
  status: 201,
  isSecret: true,
});

export const revokeDevice = operation({
  name: "revokeDevice",
  method: "POST",
  path: "/api/v1/edge/devices/{endpoint}/{device}/revoke",
  summary: "Refuse a device's calls from now on, for good; it serves what it has, and joins again only with a new code",
  permission: "device:manage",
  params: z.strictObject({ endpoint, device: deviceName }),
  query: none,
  body: deviceUpdateReasonBody,
  response: z.object({ device: z.string(), revokedAt: z.string() }),
  status: 200,
});

export const startDeviceUpdate = operation({
  name: "startDeviceUpdate",
  method: "POST",
  path: "/api/v1/edge/updates",
  summary: "Offer a version to the devices of an endpoint; it reaches the first of them when it is advanced",
  permission: "release:create",
  params: none,
  query: none,
  body: startDeviceUpdateBody,
  response: updateState,
  status: 201,
});

export const advanceDeviceUpdate = operation({
  name: "advanceDeviceUpdate",
  method: "POST",
  path: "/api/v1/edge/updates/{endpoint}/{number}/advance",
  summary: "Widen an update by one ring, or let one that was stopped go on",
  permission: "release:advance",
  params: updateParams,
  query: none,
  body: deviceUpdateReasonBody,
  response: updateState,
  status: 200,
});

export const holdDeviceUpdate = operation({
  name: "holdDeviceUpdate",
  method: "POST",
  path: "/api/v1/edge/updates/{endpoint}/{number}/hold",
  summary: "Stop an update: it is offered to no further device",
  permission: "release:hold",
  params: updateParams,
  query: none,
  body: deviceUpdateReasonBody,
  response: updateState,
  status: 200,
});

export const rollBackDevices = operation({
  name: "rollBackDevices",
  method: "POST",
  path: "/api/v1/edge/rollback",
  summary: "Every device of an endpoint goes back to the version before, by a new signed order",
  permission: "release:rollback",
  params: none,
  query: none,
  body: deviceUpdateReasonBody.extend({ endpoint }),
  response: z.object({ number: z.number().int(), version: z.string() }),
  status: 200,
});

export const viewDevices = operation({
  name: "viewDevices",
  method: "GET",
  path: "/api/v1/views/devices",
  summary: "The page of devices",
  permission: "device:read",
  params: none,
  query: none,
  body: null,
  response: deviceFleetsView,
  status: 200,
});
