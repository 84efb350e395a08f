import { z } from "zod";
import { AppError, ERROR_CODES, ERROR_STATUS, type ErrorCode, type FieldError } from "#lib/domain/errors.ts";

/** RFC 9457 problem documents: the one form in which this API says no. */
export const problemDocument = z.object({
  type: z.string().meta({ description: "Page with cause and remedy." }),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: z.string(),
  code: z.string().meta({ description: "For programs. The list is closed." }),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  hint: z.string().optional(),
  requestId: z.string(),
});
export type Problem = z.output<typeof problemDocument> & { readonly [extension: string]: unknown };

const TITLES: Readonly<Record<ErrorCode, string>> = {
  malformed_request: "The request cannot be read",
  not_authenticated: "Sign in first",
  session_expired: "Signed out",
  forbidden: "Not allowed",
  csrf_refused: "Sent from another site",
  self_approval: "Not on your own work",
  step_up_required: "Your password is needed again",
  self_grant: "Not on your own rights",
  not_found: "Not found",
  method_not_allowed: "Not that way",
  conflict: "Not possible as things are",
  already_exists: "Exists already",
  illegal_transition: "Not possible in this state",
  requirements_open: "Something is still missing",
  idempotency_in_flight: "Still being done",
  secret_already_shown: "Done, and shown once",
  link_spent: "Link no longer valid",
  stale_version: "Changed in the meantime",
  payload_too_large: "Too large",
  unsupported_media_type: "Wrong content type",
  invalid_input: "Input is not valid",
  idempotency_mismatch: "Key used for another request",
  precondition_required: "Say which state you saw",
  rate_limited: "Too many requests",
  busy: "Busy",
  unavailable: "Not available",
  upstream_unavailable: "The runtime does not answer",
  insufficient_storage: "No space left",
};

const INTERNAL_TITLE = "Something went wrong here";

type At = { readonly instance: string; readonly requestId: string };

/** Every code with its status and title: what `type` leads to. */
export const problemKinds = (): readonly { code: string; status: number; title: string }[] => [
  ...ERROR_CODES.map((code) => ({ code, status: ERROR_STATUS[code], title: TITLES[code] })),
  { code: "internal_error", status: 500, title: INTERNAL_TITLE },
];

/** Any thrown value becomes exactly one problem. Of what we did not expect nothing is told but the request id. */
export function toProblem(error: unknown, at: At): Problem {
  if (error instanceof AppError) {
    return {
      ...error.details,
      ...head(error.code, at),
      detail: error.message,
      ...(error.errors.length === 0 ? {} : { errors: [...error.errors] }),
      ...(error.hint === null ? {} : { hint: error.hint }),
    };
  }
  if (error instanceof z.ZodError) {
    const errors = fieldErrors(error);
    return {
      ...head("invalid_input", at),
      detail: errors[0]?.message ?? "The input is not valid.",
      errors: [...errors],
    };
  }
  return {
    type: "/api/v1/problems#internal_error",
    title: INTERNAL_TITLE,
    status: 500,
    code: "internal_error",
    detail: "This is a fault of Slipway, not of your request.",
    hint: "Give the request id to whoever runs this installation: the log has the rest.",
    ...at,
  };
}

const head = (code: ErrorCode, at: At) => ({
  type: `/api/v1/problems#${code}`,
  title: TITLES[code],
  status: ERROR_STATUS[code],
  code,
  ...at,
});

const escapePointer = (part: PropertyKey): string => String(part).replaceAll("~", "~0").replaceAll("/", "~1");
const pointerOf = (path: readonly PropertyKey[]): string => path.map((part) => `/${escapePointer(part)}`).join("");

const MAX_FIELD_ERRORS = 50;

/** One line a fault, with an RFC 6901 pointer; a field nobody asked for is named itself, not its parent. */
export function fieldErrors(error: z.ZodError): readonly FieldError[] {
  return error.issues
    .flatMap((issue): FieldError[] =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: "This field is not known here." }))
        : [{ pointer: pointerOf(issue.path), message: issue.message }],
    )
    .slice(0, MAX_FIELD_ERRORS);
}

export function problemResponse(problem: Problem, retryAfterSeconds: number | null = null): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      ...(retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) }),
      ...(problem.status === 401 ? { "www-authenticate": 'Bearer realm="slipway"' } : {}),
    },
  });
}
