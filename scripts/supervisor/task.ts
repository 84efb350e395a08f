import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

import type { Lifecycle } from "./lifecycle.ts";
import { signalGroup } from "./process-group.ts";

export type TaskSpec = {
  /** For messages: "the build". */
  name: string;
  /** Words after `node`. */
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
};

const KEPT_CHARACTERS = 64 * 1024;

/**
 * Runs a Node program to its end, writing what it says to the log file as well. Resolves to its standard output (the last 64 K characters);
 * rejects with the end of its output when it fails, and ends it with its group when the lifecycle stops.
 */
export async function runTask(spec: TaskSpec, lifecycle: Lifecycle): Promise<string> {
  lifecycle.signal.throwIfAborted();
  const log = createWriteStream(spec.logFile, { flags: "a", mode: 0o600 });
  const child = spawn(process.execPath, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let everything = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    log.write(text);
    output = (output + text).slice(-KEPT_CHARACTERS);
    everything = (everything + text).slice(-KEPT_CHARACTERS);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log.write(text);
    everything = (everything + text).slice(-KEPT_CHARACTERS);
  });
  const kill = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  const forget = lifecycle.add("users", { stop: () => Promise.resolve(kill()), kill });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        if (code === 0) resolve();
        else
          reject(
            new Error(
              `${spec.name} failed (${signal ?? `exit code ${code}`}):\n${lastOf(everything)}`,
            ),
          );
      });
    });
    return output;
  } finally {
    forget();
    log.end();
  }
}

function lastOf(text: string): string {
  return text.trimEnd().split("\n").slice(-30).join("\n");
}
