import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlServer } from "./control-server.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A real runtime process under test. */
export type RuntimeProcess = {
  readonly url: string;
  readonly pid: number;
  readonly directory: string;
  /** Everything it logged, as JSON lines. */
  log(): string;
  /** Pids of the model hosts it recorded. */
  hostPids(): Promise<number[]>;
  /** SIGTERM, and wait; answers the exit code. */
  stop(): Promise<number | null>;
  kill9(): Promise<void>;
};

export async function makeDataDirectory(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "slipway-runtime-"));
}

export async function removeDataDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

function untilServing(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The runtime did not start: ${log()}`)),
      20_000,
    );
    const look = (): void => {
      const url = /"httpUrl":"([^"]+)"[^\n]*Runtime is serving/.exec(log())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", look);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The runtime ended with code ${code}: ${log()}`));
    });
  });
}

/** Starts `runtime/main.ts` on a free port with its data in `dataDirectory`; with `control` null it has no control plane. */
export async function startRuntime(
  dataDirectory: string,
  control: Pick<ControlServer, "url" | "token"> | null,
  settings: Readonly<Record<string, string>> = {},
): Promise<RuntimeProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      SLIPWAY_DATA_DIR: dataDirectory,
      SLIPWAY_RUNTIME_NAME: "under-test",
      SLIPWAY_RUNTIME_HTTP_PORT: "0",
      ...(control === null
        ? {}
        : { SLIPWAY_CONTROL_URL: control.url, SLIPWAY_RUNTIME_TOKEN: control.token }),
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (part: string) => {
      text += part;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = await untilServing(child, () => text);
  const directory = path.join(dataDirectory, "runtime", "under-test");
  return {
    url,
    pid: child.pid ?? 0,
    directory,
    log: () => text,
    hostPids: async () => (await readdir(path.join(directory, "hosts"))).map(Number),
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
    async kill9() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
