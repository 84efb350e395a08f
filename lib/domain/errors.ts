/**
 * The closed list of refusals. One code, one HTTP status, one meaning, shared by domain, API, screens and CLI.
 * A bug is not in this list: it stays a plain Error and becomes a 500 without detail.
 */
export const ERROR_STATUS = {
  malformed_request: 400,
  not_authenticated: 401,
  session_expired: 401,
  forbidden: 403,
  csrf_refused: 403,
  self_approval: 403,
  step_up_required: 403,
  self_grant: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  already_exists: 409,
  illegal_transition: 409,
  requirements_open: 409,
  idempotency_in_flight: 409,
  secret_already_shown: 409,
  link_spent: 410,
  stale_version: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_input: 422,
  idempotency_mismatch: 422,
  precondition_required: 428,
  rate_limited: 429,
  busy: 503,
  unavailable: 503,
  upstream_unavailable: 503,
  insufficient_storage: 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export const ERROR_CODES = Object.keys(ERROR_STATUS).filter(
  (code): code is ErrorCode => Object.hasOwn(ERROR_STATUS, code),
);

/** Refusals for want of right. Thrown inside a command they are written to the audit trail as `access.denied`. */
const DENIALS: ReadonlySet<ErrorCode> = new Set(["forbidden", "self_approval", "self_grant"]);
export const isDenial = (code: ErrorCode): boolean => DENIALS.has(code);

/** Where in the input, as an RFC 6901 JSON pointer, and what is wrong there. */
export type FieldError = { readonly pointer: string; readonly message: string };

export type ErrorExtras = {
  /** The act that helps: "Reload the page and decide again." */
  readonly hint?: string;
  readonly errors?: readonly FieldError[];
  /** Facts for programs, chosen by the thrower. Never a foreign error's text. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

const BRAND = Symbol.for("slipway.AppError");

/**
 * An expected refusal. `message` is a sentence for the person who asked. Known by a brand, not by its class: server and route handlers
 * each load a copy of this module into one process, and a refusal of one copy must be a refusal to the other.
 */
export class AppError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return typeof value === "object" && value !== null && BRAND in value;
  }
  readonly [BRAND] = true;
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly errors: readonly FieldError[];
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.hint = extras.hint ?? null;
    this.errors = extras.errors ?? [];
    this.details = extras.details ?? {};
    this.retryAfterSeconds = extras.retryAfterSeconds ?? null;
  }
}

/** One answer for what is missing and for what the asker may not know of: word for word the same. */
export const notFound = (): AppError =>
  new AppError("not_found", "There is no such resource, or you may not see it.");
