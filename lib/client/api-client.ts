import { z } from "zod";

/** Talks to our own API from the browser: reads parse what came, acts carry If-Match and an idempotency key. */

/** RFC 9457 as this API sends it. Unknown members are ignored. */
const problemDocument = z.object({
  title: z.string().default("The request failed"),
  detail: z.string().optional(),
  code: z.string().default("unknown"),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).default([]),
  hint: z.string().optional(),
  requestId: z.string().optional(),
});

export type FieldProblem = { readonly pointer: string; readonly message: string };

/** What the screen shows when the API said no, or could not be reached (status 0). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldProblem[];
  readonly hint: string | null;
  readonly requestId: string | null;
  constructor(
    status: number,
    problem: {
      message: string;
      code: string;
      fields: readonly FieldProblem[];
      hint: string | null;
      requestId: string | null;
    },
  ) {
    super(problem.message);
    this.name = "ApiProblem";
    this.status = status;
    this.code = problem.code;
    this.fields = problem.fields;
    this.hint = problem.hint;
    this.requestId = problem.requestId;
  }
}

function unreachable(cause: unknown): ApiProblem {
  const problem = new ApiProblem(0, {
    message: "Slipway did not answer. Nothing was changed as far as this page knows.",
    code: "unreachable",
    fields: [],
    hint: "Models keep serving without it. Check the connection and try again; the same request is not carried out twice.",
    requestId: null,
  });
  problem.cause = cause;
  return problem;
}

async function problemFrom(response: Response): Promise<ApiProblem> {
  return problemOf(response.status, await response.json().catch(() => ({})));
}

/** A refusal from its status and its body, whatever that is. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const parsed = problemDocument.safeParse(body);
  const problem = parsed.success ? parsed.data : problemDocument.parse({});
  return new ApiProblem(status, {
    message: problem.detail ?? problem.title,
    code: problem.code,
    fields: problem.errors,
    hint: problem.hint ?? null,
    requestId: problem.requestId ?? null,
  });
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw unreachable(cause);
  }
  if (!response.ok) throw await problemFrom(response);
  return response;
}

/** Reads a view and parses it. Throws ApiProblem, or ZodError when server and page are of different versions. */
export async function getView<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  signal?: AbortSignal,
): Promise<z.output<Schema>> {
  const response = await send(path, {
    headers: { accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  return schema.parse(await response.json());
}

export type ActOptions = {
  /** Row version of what was seen on the page; goes as If-Match. */
  readonly rowVersion?: number;
  /** One per intent, kept over retries, so that a repeated click is one act. */
  readonly idempotencyKey: string;
  /** Default POST. */
  readonly method?: "PUT" | "PATCH";
};

/** Sends an act. Resolves with the answer's JSON (unparsed), or null for an empty answer. */
export async function postAct(path: string, body: unknown, options: ActOptions): Promise<unknown> {
  const response = await send(path, {
    method: options.method ?? "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "idempotency-key": options.idempotencyKey,
      ...(options.rowVersion === undefined
        ? {}
        : { "if-match": `"${String(options.rowVersion)}"` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (text === "") return null;
  const answer: unknown = JSON.parse(text);
  return answer;
}

/** Takes something away. Resolves with the answer's JSON, unparsed. */
export async function deleteAct(path: string, options: ActOptions): Promise<unknown> {
  const response = await send(path, {
    method: "DELETE",
    headers: { accept: "application/json", "idempotency-key": options.idempotencyKey },
  });
  const answer: unknown = await response.json();
  return answer;
}

/** A fresh idempotency key. `randomUUID` needs a secure context; plain http on another host falls back to random bytes. */
export function newIdempotencyKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** The message for one field of a form, by JSON pointer, or null. */
export function fieldMessage(problem: ApiProblem | null, pointer: string): string | null {
  return problem?.fields.find((field) => field.pointer === pointer)?.message ?? null;
}

/** Sends a form of somebody who is not signed in yet, and parses the answer. No idempotency: the link inside works once. */
export async function sendForm<Schema extends z.ZodType>(
  path: string,
  body: unknown,
  schema: Schema,
): Promise<z.output<Schema>> {
  const response = await send(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return schema.parse(await response.json());
}
