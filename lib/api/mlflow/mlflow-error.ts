import { z } from "zod";
import { AppError, type ErrorCode } from "#lib/domain/errors.ts";

type Kind = { readonly name: string; readonly status: number };

const refused: Kind = { name: "PERMISSION_DENIED", status: 403 };
const invalid: Kind = { name: "INVALID_PARAMETER_VALUE", status: 400 };
const busy: Kind = { name: "TEMPORARILY_UNAVAILABLE", status: 503 };

/** MLflow's names for our refusals, with the statuses its client expects. What policy refuses is PERMISSION_DENIED: its message is shown in the notebook as it is. */
const KINDS: Readonly<Partial<Record<ErrorCode, Kind>>> = {
  not_authenticated: { name: "UNAUTHENTICATED", status: 401 },
  session_expired: { name: "UNAUTHENTICATED", status: 401 },
  forbidden: refused, csrf_refused: refused, self_approval: refused, self_grant: refused,
  conflict: refused, illegal_transition: refused, requirements_open: refused,
  not_found: { name: "RESOURCE_DOES_NOT_EXIST", status: 404 },
  method_not_allowed: { name: "ENDPOINT_NOT_FOUND", status: 404 },
  already_exists: { name: "RESOURCE_ALREADY_EXISTS", status: 400 },
  invalid_input: invalid, malformed_request: invalid, unsupported_media_type: invalid, payload_too_large: invalid,
  rate_limited: { name: "REQUEST_LIMIT_EXCEEDED", status: 429 },
  busy, unavailable: busy, upstream_unavailable: busy,
  insufficient_storage: { name: "RESOURCE_EXHAUSTED", status: 429 },
};

/** No such address: told apart from a missing object, because clients fall back to others. */
export class EndpointMissing extends Error {
  override readonly name = "EndpointMissing";
}

/** Offered by other servers and not by this one; clients then use the plain way. */
export class NotImplemented extends Error {
  override readonly name = "NotImplemented";
}

function messageOf(error: AppError): string {
  const fields = error.errors.map(({ message }) => message).filter((message) => !error.message.includes(message));
  return [error.message, ...fields.slice(0, 5), ...(error.hint === null ? [] : [error.hint])].join(" ");
}

const answer = ({ name, status }: Kind, message: string, retryAfterSeconds: number | null = null): Response =>
  Response.json({ error_code: name, message }, {
    status,
    headers: {
      ...(retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) }),
      ...(status === 401 ? { "www-authenticate": 'Basic realm="slipway"' } : {}),
    },
  });

/** Any thrown value in MLflow's form; null for a fault of ours, which the caller logs. */
export function mlflowError(error: unknown): Response | null {
  if (error instanceof EndpointMissing) return answer({ name: "ENDPOINT_NOT_FOUND", status: 404 }, error.message);
  if (error instanceof NotImplemented) return answer({ name: "NOT_IMPLEMENTED", status: 501 }, error.message);
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    const place = first?.path.join(".") ?? "";
    const message = first === undefined ? "Invalid request." : first.code === "custom" ? first.message : `Invalid value for parameter '${place}': ${first.message}`;
    return answer(invalid, message);
  }
  if (!(error instanceof AppError)) return null;
  return answer(KINDS[error.code] ?? { name: "BAD_REQUEST", status: 400 }, messageOf(error), error.retryAfterSeconds);
}

export const mlflowFault = (requestId: string): Response =>
  answer({ name: "INTERNAL_ERROR", status: 500 }, `This is a fault of the server, not of your request. Its log has the rest under request ${requestId}.`);
