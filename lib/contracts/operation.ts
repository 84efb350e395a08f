import type { z } from "zod";
import type { Permission } from "#lib/domain/access/permissions.ts";

/**
 * One HTTP operation as a value: `route()` enforces it, the OpenAPI document is generated from it, client and CLI are typed by it.
 * Collected in `lib/contracts/api/operations.ts`.
 */
export type Operation = {
  /** operationId: `approveRelease`. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{param}` parts, as in OpenAPI. */
  readonly path: `/api/v1/${string}` | `/api/runtime/v1/${string}`;
  readonly summary: string;
  /** What the caller needs somewhere at least; the use case asks again for the object. */
  readonly permission: Permission | "signed_in" | "anyone";
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** `null`: no body is read. `stream`: the handler reads it, with a cap of its own. */
  readonly body: z.ZodType | "stream" | null;
  /** `null`: no JSON answer (204, a download, an event stream). */
  readonly response: z.ZodType | null;
  readonly status: 200 | 201 | 202 | 204;
  /** Media type when the answer is not JSON. */
  readonly responseType?: string;
  /** Bytes; default 256 KiB. */
  readonly maxBodyBytes?: number;
  /** The caller must say in If-Match which state was seen. */
  readonly requiresIfMatch?: boolean;
  /** The answer holds a secret: it is not kept for replays. */
  readonly isSecret?: boolean;
};

/** Keeps the exact types of the schemas. */
export const operation = <const O extends Operation>(spec: O): O => spec;
