import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { executionProviders, type ExecutionProvider } from "#lib/contracts/runtime-protocol.ts";

/** Roles of the one runtime program. */
export const runtimeRoles = ["serve", "batch", "stream", "edge"] as const;
export type RuntimeRole = (typeof runtimeRoles)[number];

const MIB = 1024 * 1024;
const port = z.coerce.number().int().min(0).max(65_535);
const mebibytes = (fallback: number, max: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(max)
    .default(fallback)
    .transform((n) => n * MIB);
const flag = z
  .enum(["true", "false", "1", "0"])
  .transform((text) => text === "true" || text === "1");

const environment = z.object({
  SLIPWAY_RUNTIME_ROLE: z.enum(runtimeRoles).default("serve"),
  SLIPWAY_DATA_DIR: z.string().min(1).default("./.slipway"),
  SLIPWAY_RUNTIME_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, "lower-case letters, digits, dots and dashes, at most 63")
    .default("local"),
  SLIPWAY_RUNTIME_HOST: z.string().min(1).default("127.0.0.1"),
  SLIPWAY_RUNTIME_HTTP_PORT: port.default(8080),
  SLIPWAY_RUNTIME_GRPC_PORT: z.union([z.literal("off"), port]).optional(),
  SLIPWAY_RUNTIME_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SLIPWAY_CONTROL_URL: z.url({ protocol: /^https?$/ }).optional(),
  SLIPWAY_RUNTIME_TOKEN: z.string().min(1).optional(),
  SLIPWAY_RUNTIME_TOKEN_FILE: z.string().min(1).optional(),
  SLIPWAY_RUNTIME_MODEL_HOSTS: z.coerce.number().int().min(1).max(64).optional(),
  SLIPWAY_RUNTIME_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
  SLIPWAY_RUNTIME_EXECUTION_PROVIDER: z.enum(executionProviders).default("cpu"),
  SLIPWAY_RUNTIME_BATCHING: z.enum(["auto", "off"]).default("auto"),
  SLIPWAY_RUNTIME_MAX_BODY_MIB: mebibytes(64, 1024),
  SLIPWAY_RUNTIME_MAX_BUFFERED_MIB: mebibytes(256, 65_536),
  SLIPWAY_RUNTIME_MAX_IN_FLIGHT: z.coerce.number().int().min(1).max(1_000_000).default(2048),
  SLIPWAY_RUNTIME_MAX_TOTAL_IN_FLIGHT: z.coerce.number().int().min(1).max(1_000_000).default(8192),
  SLIPWAY_RUNTIME_SPOOL_MIB: mebibytes(256, 65_536),
  SLIPWAY_RUNTIME_PREDICTIONS_KEPT: z.coerce
    .number()
    .int()
    .min(1024)
    .max(16_777_216)
    .default(1_048_576),
  SLIPWAY_RUNTIME_KEYS_PER_RELEASE: z.coerce
    .number()
    .int()
    .min(1000)
    .max(16_000_000)
    .default(1_000_000),
  SLIPWAY_RUNTIME_NONFINITE_OUTPUTS: z.enum(["reject", "flag"]).default("reject"),
  SLIPWAY_RUNTIME_DRAIN_SECONDS: z.coerce.number().min(0).max(600).default(10),
  SLIPWAY_RUNTIME_BATCH_JOBS: flag.default(true),
  SLIPWAY_KAFKA_BROKERS: z
    .string()
    .regex(/^[A-Za-z0-9.-]+:\d{1,5}( *, *[A-Za-z0-9.-]+:\d{1,5})*$/, "host:port, several with commas between")
    .optional(),
  SLIPWAY_DEVICE_CODE: z.string().min(20).max(100).optional(),
  SLIPWAY_DEVICE_HARDWARE: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "such as linux-arm64")
    .optional(),
  SLIPWAY_DEVICE_POLL_SECONDS: z.coerce.number().int().min(1).max(86_400).optional(),
  SLIPWAY_DEVICE_WINDOW_SECONDS: z.coerce.number().int().min(1).max(3600).default(300),
  SLIPWAY_ALLOW_PINNED: flag.default(false),
  SLIPWAY_LOG_LEVEL: z
    .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"])
    .default("info"),
});

export type RuntimeSettings = {
  readonly role: RuntimeRole;
  readonly name: string;
  /** This runtime's own directory: `<data dir>/runtime/<name>`. */
  readonly directory: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly httpPort: number;
  /** `off`: no gRPC; 0 = any free port. */
  readonly grpcPort: number | "off";
  /** The gRPC port was not chosen by name: when it is taken, the next free one will do. */
  readonly isGrpcPortOpen: boolean;
  readonly publicUrl: string | null;
  readonly controlUrl: string | null;
  readonly token: string | null;
  /** Overrides the number of model hosts per version that the control plane asks for. */
  readonly modelHosts: number | null;
  /** Rows of several requests may run as one batch, for models that proved at warm-up to answer the same, faster. */
  readonly mayBatch: boolean;
  /** Front processes behind one port, each a whole runtime. */
  readonly processes: number;
  /** Where versions run that name no provider themselves; never another one instead. */
  readonly executionProvider: ExecutionProvider;
  readonly maxBodyBytes: number;
  /** Request bodies held in memory at once, over all connections; beyond it requests are answered 429. */
  readonly maxBufferedBytes: number;
  /** Requests of one endpoint between admission and answer; beyond it they are answered 429. */
  readonly maxInFlight: number;
  /** The same over all endpoints; beyond it those that have their fair share are answered 429. */
  readonly maxTotalInFlight: number;
  readonly spoolBytes: number;
  readonly predictionsKept: number;
  readonly keysPerRelease: number;
  readonly nonFiniteOutputs: "reject" | "flag";
  readonly drainMs: number;
  /** Works off parts of batch jobs beside what it serves; the role `batch` always does. */
  readonly takesBatch: boolean;
  /** Where the role `stream` finds its topics; empty for other roles. */
  readonly kafkaBrokers: readonly string[];
  /** For the role `edge`: the one-time code, needed once; what the device is; how often it asks; how long it counts before it writes that down. */
  readonly device: { readonly code: string | null; readonly hardware: string; readonly pollSeconds: number | null; readonly windowSeconds: number };
  readonly allowPinned: boolean;
  readonly logLevel: string;
};

/** The settings are wrong; `message` lists every one of them, a line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

function readToken(token: string | undefined, file: string | undefined): string | null {
  if (token !== undefined) return token;
  if (file === undefined) return null;
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new SettingsError(
      `SLIPWAY_RUNTIME_TOKEN_FILE: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (text === "") throw new SettingsError(`SLIPWAY_RUNTIME_TOKEN_FILE: ${file} is empty.`);
  return text;
}

function requireWhatRoleNeeds(env: z.output<typeof environment>): void {
  if (env.SLIPWAY_RUNTIME_ROLE === "stream" && env.SLIPWAY_KAFKA_BROKERS === undefined) {
    throw new SettingsError("SLIPWAY_KAFKA_BROKERS: the role stream needs the brokers to read from, as host:port.");
  }
  if (env.SLIPWAY_RUNTIME_ROLE === "edge" && env.SLIPWAY_RUNTIME_PROCESSES > 1) {
    throw new SettingsError("SLIPWAY_RUNTIME_PROCESSES: a device is one process, because its slots and its key have one writer. Leave it out or set 1.");
  }
}

/** Reads the runtime's settings from environment variables; an empty variable counts as not set. Throws `SettingsError`. */
export function readSettings(
  variables: Readonly<Record<string, string | undefined>>,
): RuntimeSettings {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new SettingsError(
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"),
    );
  }
  const env = parsed.data;
  const token = readToken(env.SLIPWAY_RUNTIME_TOKEN, env.SLIPWAY_RUNTIME_TOKEN_FILE);
  if (env.SLIPWAY_CONTROL_URL !== undefined && token === null && env.SLIPWAY_RUNTIME_ROLE !== "edge") {
    throw new SettingsError(
      "SLIPWAY_CONTROL_URL is set but neither SLIPWAY_RUNTIME_TOKEN nor SLIPWAY_RUNTIME_TOKEN_FILE is.",
    );
  }
  requireWhatRoleNeeds(env);
  return {
    role: env.SLIPWAY_RUNTIME_ROLE,
    name: env.SLIPWAY_RUNTIME_NAME,
    directory: path.resolve(env.SLIPWAY_DATA_DIR, "runtime", env.SLIPWAY_RUNTIME_NAME),
    host: env.SLIPWAY_RUNTIME_HOST,
    httpPort: env.SLIPWAY_RUNTIME_HTTP_PORT,
    // Whoever takes any free port for HTTP wants any for gRPC as well.
    grpcPort: env.SLIPWAY_RUNTIME_GRPC_PORT ?? (env.SLIPWAY_RUNTIME_HTTP_PORT === 0 ? 0 : 8081),
    isGrpcPortOpen: env.SLIPWAY_RUNTIME_GRPC_PORT === undefined,
    publicUrl: env.SLIPWAY_RUNTIME_PUBLIC_URL ?? null,
    controlUrl: env.SLIPWAY_CONTROL_URL?.replace(/\/+$/, "") ?? null,
    token,
    modelHosts: env.SLIPWAY_RUNTIME_MODEL_HOSTS ?? null,
    mayBatch: env.SLIPWAY_RUNTIME_BATCHING === "auto",
    processes: env.SLIPWAY_RUNTIME_PROCESSES,
    executionProvider: env.SLIPWAY_RUNTIME_EXECUTION_PROVIDER,
    maxBodyBytes: env.SLIPWAY_RUNTIME_MAX_BODY_MIB,
    maxBufferedBytes: env.SLIPWAY_RUNTIME_MAX_BUFFERED_MIB,
    maxInFlight: env.SLIPWAY_RUNTIME_MAX_IN_FLIGHT,
    maxTotalInFlight: env.SLIPWAY_RUNTIME_MAX_TOTAL_IN_FLIGHT,
    spoolBytes: env.SLIPWAY_RUNTIME_SPOOL_MIB,
    predictionsKept: env.SLIPWAY_RUNTIME_PREDICTIONS_KEPT,
    keysPerRelease: env.SLIPWAY_RUNTIME_KEYS_PER_RELEASE,
    nonFiniteOutputs: env.SLIPWAY_RUNTIME_NONFINITE_OUTPUTS,
    drainMs: env.SLIPWAY_RUNTIME_DRAIN_SECONDS * 1000,
    takesBatch: env.SLIPWAY_RUNTIME_BATCH_JOBS || env.SLIPWAY_RUNTIME_ROLE === "batch",
    kafkaBrokers: env.SLIPWAY_RUNTIME_ROLE === "stream" ? (env.SLIPWAY_KAFKA_BROKERS ?? "").split(",").map((broker) => broker.trim()) : [],
    device: {
      code: env.SLIPWAY_DEVICE_CODE ?? null,
      hardware: env.SLIPWAY_DEVICE_HARDWARE ?? `${process.platform}-${process.arch}`,
      pollSeconds: env.SLIPWAY_DEVICE_POLL_SECONDS ?? null,
      windowSeconds: env.SLIPWAY_DEVICE_WINDOW_SECONDS,
    },
    allowPinned: env.SLIPWAY_ALLOW_PINNED,
    logLevel: env.SLIPWAY_LOG_LEVEL,
  };
}
