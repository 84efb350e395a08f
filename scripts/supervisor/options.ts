import { parseArgs } from "node:util";
import path from "node:path";
import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65_535);

const environment = z.object({
  SLIPWAY_DATA_DIR: z.string().min(1).default("./.slipway"),
  SLIPWAY_HOST: z.string().min(1).default("127.0.0.1"),
  SLIPWAY_PORT: port.default(3000),
  SLIPWAY_RUNTIME_HTTP_PORT: port.default(8080),
  SLIPWAY_RUNTIME_GRPC_PORT: port.default(8081),
  SLIPWAY_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SLIPWAY_DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
});

export type StartOptions = {
  /** Start without the demo. */
  empty: boolean;
  /** Next's development server, no build. */
  development: boolean;
  resetDemo: boolean;
  /** Show the logs of all parts as they come. */
  verbose: boolean;
  /** Open the sign-in link in a browser when there is one. */
  open: boolean;
  dataDirectory: string;
  host: string;
  wantedPorts: { control: number; runtimeHttp: number; runtimeGrpc: number };
  publicUrl: string | null;
  /** The user's own PostgreSQL; null: the embedded one. */
  database: { appUrl: string; ownerUrl: string } | null;
};

export const USAGE = `npm start -- [options]
  --empty        start without the demo; the printed link creates the first administrator
  --reset-demo   start the demo's story again
  --dev          development server: no build, pages reload when files change
  --verbose      show the logs of every part
  --no-open      do not open a browser
Settings are environment variables: docs/settings.md.`;

/** What `npm start` was asked for. Throws an Error whose message lists everything that is wrong. */
export function readStartOptions(
  words: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const { values } = parseArgs({
    args: [...words],
    strict: true,
    options: {
      empty: { type: "boolean", default: false },
      dev: { type: "boolean", default: false },
      "reset-demo": { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      "no-open": { type: "boolean", default: false },
    },
  });
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"),
    );
  }
  const env = parsed.data;
  return {
    empty: values.empty,
    development: values.dev,
    resetDemo: values["reset-demo"],
    verbose: values.verbose,
    open: !values["no-open"],
    dataDirectory: path.resolve(env.SLIPWAY_DATA_DIR),
    host: env.SLIPWAY_HOST,
    wantedPorts: {
      control: env.SLIPWAY_PORT,
      runtimeHttp: env.SLIPWAY_RUNTIME_HTTP_PORT,
      runtimeGrpc: env.SLIPWAY_RUNTIME_GRPC_PORT,
    },
    publicUrl: env.SLIPWAY_PUBLIC_URL ?? null,
    database:
      env.DATABASE_URL === undefined
        ? null
        : {
            appUrl: env.DATABASE_URL,
            ownerUrl: env.SLIPWAY_DATABASE_OWNER_URL ?? env.DATABASE_URL,
          },
  };
}

/** True when nobody but this machine can reach what is started: the one place for a demo whose people need no password. */
export function isOnThisMachineOnly(options: Pick<StartOptions, "host" | "publicUrl">): boolean {
  return (
    isLoopback(options.host) &&
    (options.publicUrl === null ||
      isLoopback(new URL(options.publicUrl).hostname.replace(/^\[|\]$/g, "")))
  );
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}
