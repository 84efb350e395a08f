import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import type { DataDirectory } from "./data-directory.ts";
import { localEnvironmentFile } from "./environment.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { runTask } from "./task.ts";
import type { Terminal } from "./terminal.ts";

const SEED = join("prisma", "seed", "demo.ts");

/** Lays the demo out through the real use cases, or starts its story again. */
export async function seedDemo(
  root: string,
  data: DataDirectory,
  env: NodeJS.ProcessEnv,
  lifecycle: Lifecycle,
  reset: boolean,
): Promise<void> {
  await runTask(
    {
      name: reset ? "starting the demo again" : "laying out the demo",
      args: [join(root, SEED), ...(reset ? ["--reset"] : [])],
      cwd: root,
      env,
      logFile: data.log("demo"),
    },
    lifecycle,
  );
}

/** `npm run demo:reset` while Slipway runs: the story starts again, nothing is stopped. */
export async function resetRunningDemo(
  root: string,
  data: DataDirectory,
  lifecycle: Lifecycle,
  terminal: Terminal,
): Promise<void> {
  const file = localEnvironmentFile(data);
  if (!existsSync(file)) throw new Error("Slipway is still starting. Try again when it is up.");
  const env = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, "utf8")));
  await terminal.stage("the demo's story starts again", () =>
    seedDemo(root, data, { ...process.env, ...env }, lifecycle, true),
  );
  process.exitCode = 0;
}
