import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startControlServer, type ControlServer } from "#runtime/testing/control-server.ts";
import { startRuntime, type RuntimeProcess } from "#runtime/testing/runtime-process.ts";
import type { BenchBody, Load, Plan } from "./generator.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A runtime of its own with a control plane in memory, and a place for files. */
export type Stage = {
  readonly control: ControlServer;
  readonly runtime: RuntimeProcess;
  readonly port: number;
  /** Writes bodies where a generator finds them. */
  bodies(name: string, bodies: readonly BenchBody[]): string;
  close(): Promise<void>;
};

export async function openStage(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-bench-"));
  const control = await startControlServer();
  const runtime = await startRuntime(directory, control, settings);
  return {
    control,
    runtime,
    port: Number(new URL(runtime.url).port),
    bodies(name, bodies) {
      const file = path.join(directory, `${name}.json`);
      writeFileSync(file, JSON.stringify(bodies));
      return file;
    },
    async close() {
      await runtime.stop();
      await control.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once("exit", (code) =>
      reject(new Error(`${child.spawnargs.join(" ")} ended with code ${code}`)),
    );
  });
}

/** One round of load from a process of its own. */
export async function runLoad(plan: Plan): Promise<Load> {
  const child = spawn(process.execPath, [here("generator.ts"), JSON.stringify(plan)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await firstLine(child)) as Load;
}

/** The echo server of bench/serving in one or several processes behind one port. */
export async function startEcho(
  processes: number,
): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(process.execPath, [here("echo-fleet.ts"), String(processes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = Number(await firstLine(child));
  return { port, stop: () => void child.kill("SIGTERM") };
}

export const jsonBody = (document: unknown): BenchBody => ({
  base64: Buffer.from(typeof document === "string" ? document : JSON.stringify(document)).toString(
    "base64",
  ),
  headers: { "content-type": "application/json" },
});

/** A body whose tensors follow its JSON. */
export function binaryBody(json: string, bytes: Uint8Array): BenchBody {
  const head = Buffer.from(json);
  return {
    base64: Buffer.concat([head, bytes]).toString("base64"),
    headers: {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(head.length),
    },
  };
}
