import { readdir } from "node:fs/promises";
import path from "node:path";
import type { App } from "#lib/server/composition.ts";
import type { RouteHandler } from "./route.ts";
import { provideApp } from "./running-app.ts";

const API = path.resolve(import.meta.dirname, "../../app/api");
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export type FoundRoute = {
  /** Address by its folder: `/api/v1/people/{personId}`. */
  readonly path: string;
  readonly method: string;
  readonly handler: RouteHandler;
};

/** Every handler of `app/api/v1` and `app/api/runtime/v1`, found in the folders as Next finds them. Makes this App the one they serve. */
export async function routesOf(app: App): Promise<readonly FoundRoute[]> {
  provideApp(app);
  const files = (await readdir(API, { recursive: true })).filter((file) => path.basename(file) === "route.ts");
  const found: FoundRoute[] = [];
  for (const file of files.sort()) {
    if (file.startsWith("auth") || file.includes("[...")) continue;
    const module: Record<string, unknown> = await import(path.join(API, file));
    const address = `/api/${path.dirname(file).replaceAll(/\[([^\]]+)\]/g, "{$1}")}`;
    for (const method of METHODS) {
      const handler = module[method];
      if (typeof handler === "function") found.push({ path: address, method, handler: handler as RouteHandler });
    }
  }
  return found;
}

export type Call = {
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | null;
  readonly token?: string;
};

/** Calls a handler as Next does. */
export async function call(handler: RouteHandler, { params = {}, search = "", headers = {}, body = null, token }: Call = {}): Promise<Response> {
  const { method, path: template } = handler.operation;
  const address = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? "x"));
  const request = new Request(`http://127.0.0.1:3000${address}${search}`, {
    method,
    headers: {
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === null || method === "GET" ? {} : { body, duplex: "half" }),
  } as RequestInit);
  return handler(request, { params: Promise.resolve({ ...params }) });
}
