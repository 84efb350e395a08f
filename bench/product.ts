import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { freePort } from "../scripts/free-port.ts";

const ROOT = join(import.meta.dirname, "..");
/** The first start builds the pages. */
const START_LIMIT_MS = 900_000;
const run = promisify(execFile);

const readyFile = z.object({ url: z.string(), runtimeUrl: z.string() });
const environmentFile = z.object({ DATABASE_URL: z.string() });

export type Product = {
  readonly url: string;
  readonly runtimeUrl: string;
  /** A token of the local operator in this role. */
  token(role: string): Promise<string>;
  /** Its data directory: state, logs, secrets. */
  readonly data: string;
  /** As the control plane itself connects. */
  databaseUrl(): string;
  stop(): Promise<void>;
};

/** Starts the whole product by its own command, without the demo, on ports and in a data directory of its own. */
export async function startProduct(): Promise<Product> {
  const data = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const process_ = spawn(
    process.execPath,
    [join(ROOT, "scripts", "start.mjs"), "--empty", "--no-open"],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        SLIPWAY_DATA_DIR: data,
        // It stops by itself when this process is killed.
        SLIPWAY_LAUNCHER_PID: String(process.pid),
        SLIPWAY_PORT: String(await freePort()),
        SLIPWAY_RUNTIME_HTTP_PORT: String(await freePort()),
        SLIPWAY_RUNTIME_GRPC_PORT: String(await freePort()),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [process_.stdout, process_.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const stop = async (): Promise<void> => {
    if (process_.exitCode === null && process_.signalCode === null) {
      const gone = once(process_, "exit");
      process_.kill("SIGTERM");
      await gone;
    }
    rmSync(data, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const ready = readReady(data);
    if (ready !== null) return { ...ready, ...access(data), data, stop };
    if (process_.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`The product did not start:\n${output}`);
    }
    await delay(200);
  }
}

function readReady(data: string): z.output<typeof readyFile> | null {
  try {
    return readyFile.parse(JSON.parse(readFileSync(join(data, "state", "ready.json"), "utf8")));
  } catch {
    return null;
  }
}

function access(data: string): Pick<Product, "token" | "databaseUrl"> {
  return {
    token: async (role) => {
      const words = [join(ROOT, "scripts", "local-token.ts"), "--role", role, "--name", "bench"];
      const env = { ...process.env, SLIPWAY_DATA_DIR: data };
      const { stdout } = await run(process.execPath, words, { cwd: ROOT, env });
      return stdout.trimEnd().split("\n").at(-1) ?? "";
    },
    databaseUrl: () => {
      const text = readFileSync(join(data, "secrets", "control-plane.env.json"), "utf8");
      return environmentFile.parse(JSON.parse(text)).DATABASE_URL;
    },
  };
}
