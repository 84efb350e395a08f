import { badRequest } from "../oip/inference-error.ts";

/** What a path of the public HTTP surface asks for, with the methods it takes. */
export type Route =
  | {
      readonly kind: "server" | "live" | "server_ready" | "metrics" | "health";
      readonly methods: readonly ["GET", "HEAD"];
    }
  | {
      readonly kind: "model" | "model_ready";
      readonly endpoint: string;
      readonly version: string | null;
      readonly methods: readonly ["GET", "HEAD"];
    }
  | {
      readonly kind: "stats";
      readonly endpoint: string | null;
      readonly version: string | null;
      readonly methods: readonly ["GET", "HEAD"];
    }
  | { readonly kind: "repository_index"; readonly methods: readonly ["POST"] }
  | {
      readonly kind: "infer";
      readonly endpoint: string;
      readonly version: string | null;
      readonly methods: readonly ["POST"];
    }
  | { readonly kind: "feedback"; readonly endpoint: string; readonly methods: readonly ["POST"] };

const READ = ["GET", "HEAD"] as const;
const WRITE = ["POST"] as const;
const MAX_PATH = 2048;

function segmentsOf(url: string): string[] {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  if (!path.startsWith("/") || path.length > MAX_PATH)
    throw badRequest("The path is not one that this server has.");
  try {
    return path.slice(1).replace(/\/$/, "").split("/").map(decodeURIComponent);
  } catch {
    throw badRequest("The path holds a percent sign that begins no character.");
  }
}

function modelRoute(
  endpoint: string,
  version: string | null,
  rest: readonly string[],
): Route | null {
  if (rest.length === 0) return { kind: "model", endpoint, version, methods: READ };
  if (rest.length > 1) return null;
  if (rest[0] === "ready") return { kind: "model_ready", endpoint, version, methods: READ };
  if (rest[0] === "stats") return { kind: "stats", endpoint, version, methods: READ };
  if (rest[0] === "infer") return { kind: "infer", endpoint, version, methods: WRITE };
  if (rest[0] === "feedback" && version === null)
    return { kind: "feedback", endpoint, methods: WRITE };
  return null;
}

const FIXED: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["metrics", { kind: "metrics", methods: READ }],
  ["healthz", { kind: "health", methods: READ }],
  ["v2", { kind: "server", methods: READ }],
  ["v2/health/live", { kind: "live", methods: READ }],
  ["v2/health/ready", { kind: "server_ready", methods: READ }],
  ["v2/models/stats", { kind: "stats", endpoint: null, version: null, methods: READ }],
  ["v2/repository/index", { kind: "repository_index", methods: WRITE }],
]);

/** The route of a request target; null when there is none. Throws `InferenceError` 400 when it cannot be read. */
export function matchRoute(url: string): Route | null {
  const segments = segmentsOf(url);
  const fixed = FIXED.get(segments.join("/"));
  if (fixed !== undefined) return fixed;
  const [api, area, endpoint, ...rest] = segments;
  if (api !== "v2" || area !== "models" || endpoint === undefined || endpoint === "") return null;
  if (rest[0] !== "versions") return modelRoute(endpoint, null, rest);
  const version = rest[1];
  return version === undefined || version === ""
    ? null
    : modelRoute(endpoint, version, rest.slice(2));
}
