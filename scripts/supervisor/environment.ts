import type { DataDirectory } from "./data-directory.ts";
import { keptSecret } from "./data-directory.ts";
import type { Database } from "./database.ts";
import { MARK_VARIABLE } from "./process-group.ts";

export type Addresses = {
  host: string;
  controlPort: number;
  runtimeHttpPort: number;
  runtimeGrpcPort: number;
  /** What people open. */
  publicUrl: string;
  /** What our own processes on this machine use. */
  controlUrl: string;
  runtimeUrl: string;
};

export type Environments = {
  /** Control plane and everything that works on its database with the same rights. */
  control: NodeJS.ProcessEnv;
  /** No database, no session secret: a runtime needs neither. */
  runtime: NodeJS.ProcessEnv;
  traffic: NodeJS.ProcessEnv;
  /** Helpers that need no secret: build, generator. */
  tool: NodeJS.ProcessEnv;
};

const SECRETS =
  /^(DATABASE_URL|SLIPWAY_DATABASE_OWNER_URL|SLIPWAY_SECRET|SLIPWAY_OIDC_.*|SLIPWAY_RUNTIME_TOKEN)$/;
/** npm's own variables would make our children behave as if npm had called them. */
const NOISE = /^(npm_|INIT_CWD$|SLIPWAY_LAUNCHER_PID$)/;

/** The environment without secrets and npm's noise, carrying the mark by which the next start finds what this one left. */
export function toolEnvironment(
  data: DataDirectory,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(
    ([name]) => !SECRETS.test(name) && !NOISE.test(name),
  );
  return {
    // A later start does not compile anew what the last one did: about a second of five on two cores.
    NODE_COMPILE_CACHE: `${data.root}/cache/compiled`,
    ...Object.fromEntries(kept),
    [MARK_VARIABLE]: data.root,
    SLIPWAY_DATA_DIR: data.root,
    NEXT_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
  };
}

/** What each part is told. The names are those of docs/settings.md. */
export function environments(
  data: DataDirectory,
  inherited: NodeJS.ProcessEnv,
  setup: { database: Database; addresses: Addresses; distDirectory: string; development: boolean },
): Environments {
  const { addresses } = setup;
  const tool = toolEnvironment(data, inherited);
  const given = Object.fromEntries(
    Object.entries(inherited).filter(([name]) => /^SLIPWAY_(SECRET|OIDC_)/.test(name)),
  );
  const shared = {
    SLIPWAY_HOST: addresses.host,
    SLIPWAY_CONTROL_URL: addresses.controlUrl,
    SLIPWAY_RUNTIME_URL: addresses.runtimeUrl,
    SLIPWAY_RUNTIME_HTTP_PORT: String(addresses.runtimeHttpPort),
    SLIPWAY_RUNTIME_GRPC_PORT: String(addresses.runtimeGrpcPort),
  };
  return {
    tool,
    control: {
      ...tool,
      ...shared,
      SLIPWAY_SECRET: keptSecret(data, "session-secret"),
      ...given,
      NODE_ENV: setup.development ? "development" : "production",
      DATABASE_URL: setup.database.appUrl,
      SLIPWAY_PORT: String(addresses.controlPort),
      SLIPWAY_PUBLIC_URL: addresses.publicUrl,
      SLIPWAY_DIST_DIR: setup.distDirectory,
      SLIPWAY_RUNTIME_TOKEN_FILE: runtimeTokenFile(data),
    },
    runtime: {
      ...tool,
      ...shared,
      SLIPWAY_RUNTIME_HOST: addresses.host,
      SLIPWAY_RUNTIME_PUBLIC_URL: addresses.runtimeUrl,
      SLIPWAY_RUNTIME_TOKEN_FILE: runtimeTokenFile(data),
    },
    traffic: { ...tool, ...shared },
  };
}

/** Where scripts/bootstrap-install.ts puts the token by which the local runtime speaks to the control plane. */
export function runtimeTokenFile(data: DataDirectory): string {
  return `${data.root}/secrets/runtime-token`;
}

/** File with the control plane's environment, for commands on this machine such as `npm run slipway -- token create --local`. */
export function localEnvironmentFile(data: DataDirectory): string {
  return `${data.root}/secrets/control-plane.env.json`;
}

const SETTINGS = /^(SLIPWAY_|DATABASE_URL$|OTEL_|NODE_ENV$|NEXT_TELEMETRY_DISABLED$)/;

/** What of the control plane's environment is kept in that file: Slipway's own settings. A person's shell may hold secrets of others. */
export function keptEnvironment(control: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(control).filter(([name]) => SETTINGS.test(name)));
}
