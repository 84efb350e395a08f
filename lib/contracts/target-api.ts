import { z } from "zod";
import { reasonBody } from "./batch.ts";
import { slug, versionName } from "./registry-api.ts";
import { jsonMapping, targetKind } from "./upstream.ts";

const serverUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return username === "" && password === "" && search === "" && hash === "";
  }, "An address without credentials, query and fragment; credentials go into headers.");

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,80}$/)
  // gRPC takes bytes under such names.
  .refine((name) => !name.toLowerCase().endsWith("-bin"), "A name that does not end with -bin.");
const headerValue = z.string().regex(/^[\x20-\x7e]{1,4096}$/);

export const createTargetBody = z.strictObject({
  name: slug,
  environment: slug,
  kind: targetKind,
  url: serverUrl,
  /** TorchServe: where its management API is, when not at the same address. */
  managementUrl: serverUrl.nullable().default(null),
  timeoutMs: z.number().int().min(50).max(300_000).default(10_000),
  /** Sent with every request, such as authorization. Kept encrypted, never shown again. */
  headers: z.record(headerName, headerValue).default({}),
  /** It runs in a container of its own, without credentials and without a way to other systems. A pickle is released to no other target. */
  isIsolated: z.boolean().default(false),
});

/** The whole connection as it shall be. Headers left out stay as they are; given, they take the place of all that were there. */
export const changeTargetBody = z.strictObject({
  url: serverUrl,
  managementUrl: createTargetBody.shape.managementUrl,
  timeoutMs: createTargetBody.shape.timeoutMs,
  headers: z.record(headerName, headerValue).optional(),
  reason: reasonBody.shape.reason,
});

export const bindVersionBody = z.strictObject({
  model: slug,
  version: versionName,
  /** What the server calls it; left out, as here. */
  remoteModel: z.string().min(1).max(256).optional(),
  remoteVersion: z.string().min(1).max(128).nullable().default(null),
  mapping: jsonMapping.nullable().default(null),
});
