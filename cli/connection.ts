import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CliProblem, EXIT } from "./exit-codes.ts";

/** Where the API is and who asks. Secrets come from the environment only, never from a flag. */
export type Connection = { readonly url: string; readonly token: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Where `slipway login` keeps address and token; readable by its owner only. */
export const credentialsFile = (env: Environment): string =>
  join(env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? homedir(), ".config"), "slipway", "credentials.json");

const credentials = z.object({ url: z.url(), token: z.string().startsWith("slp_") });

function savedCredentials(env: Environment): Connection | null {
  const file = credentialsFile(env);
  if (!existsSync(file)) return null;
  try {
    return credentials.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new CliProblem(`${file} cannot be read. Sign in again: slipway login`, EXIT.usage);
  }
}

/**
 * SLIPWAY_URL and SLIPWAY_TOKEN, else what `slipway login` kept. On the host itself the address is read from the data directory when it is not set.
 * A kept token is sent to the address it was kept with and to no other.
 */
export function connectionFrom(env: Environment): Connection {
  const token = env["SLIPWAY_TOKEN"];
  if (!token) {
    const saved = savedCredentials(env);
    const asked = env["SLIPWAY_URL"]?.replace(/\/$/, "");
    if (saved !== null && (asked === undefined || asked === saved.url)) return saved;
    throw new CliProblem(
      "Not signed in, and SLIPWAY_TOKEN is not set. Use slipway login, or make a token under Settings, Tokens, or on the host: npm run slipway -- token create --local --role engineer",
      EXIT.usage,
    );
  }
  const file = join(env["SLIPWAY_DATA_DIR"] ?? ".slipway", "state", "address");
  const url = env["SLIPWAY_URL"] ?? (existsSync(file) ? readFileSync(file, "utf8").trim() : "http://127.0.0.1:3000");
  return { url: url.replace(/\/$/, ""), token };
}

const problem = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().nullish(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});

function problemText(status: number, body: unknown): string {
  const parsed = problem.safeParse(body);
  if (!parsed.success) return `The server answered ${status}.`;
  const { title, detail, hint, errors = [], requestId } = parsed.data;
  return [
    detail ?? title ?? `The server answered ${status}.`,
    ...errors.map(({ pointer, message }) => `  ${pointer}  ${message}`),
    ...(hint ? [hint] : []),
    ...(requestId ? [`request ${requestId}`] : []),
  ].join("\n");
}

const EXIT_BY_STATUS: Readonly<Record<number, CliProblem["exitCode"]>> = {
  401: EXIT.refused,
  403: EXIT.refused,
  404: EXIT.notFound,
  409: EXIT.refused,
  412: EXIT.refused,
};

export type Request = {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly json?: unknown;
  readonly form?: FormData;
  /** A file as it lies on disk; read while it is sent. */
  readonly bytes?: Blob;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request. A refusal becomes a CliProblem with the server's own words. */
export async function ask(connection: Connection, path: string, request: Request = {}): Promise<Response> {
  const { method = "GET", json, form, bytes, headers = {} } = request;
  let response: Response;
  try {
    response = await fetch(`${connection.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${connection.token}`,
        accept: "application/json",
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(form === undefined ? {} : { body: form }),
      ...(bytes === undefined ? {} : { body: bytes }),
    });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new CliProblem(`${connection.url} does not answer (${reason}). Is Slipway running, and is SLIPWAY_URL right?`);
  }
  if (!response.ok) {
    const body: unknown = await response.json().catch(() => null);
    throw new CliProblem(problemText(response.status, body), EXIT_BY_STATUS[response.status] ?? EXIT.error);
  }
  return response;
}

/** One request whose JSON answer is parsed. */
export async function askFor<S extends z.ZodType>(connection: Connection, path: string, schema: S, request: Request = {}): Promise<z.output<S>> {
  const response = await ask(connection, path, request);
  return schema.parse(await response.json());
}
