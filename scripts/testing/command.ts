import { spawn } from "node:child_process";

import type { Lifecycle } from "../supervisor/lifecycle.ts";
import { endGroup, signalGroup } from "../supervisor/process-group.ts";

export type Command = {
  file: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  limitMs: number;
  /** Show the output as it comes, not only at the end. */
  live?: boolean;
};
export type CommandResult = { ok: boolean; output: string; seconds: number };

const KEPT_CHARACTERS = 400_000;

/** Runs a program in a group of its own to its end or its time limit, and ends it when the lifecycle stops. Never rejects. */
export async function runCommand(command: Command, lifecycle: Lifecycle): Promise<CommandResult> {
  const startedAt = performance.now();
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_CHARACTERS);
    if (command.live === true) process.stdout.write(text);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const end = async (): Promise<void> => {
    if (child.pid !== undefined) await endGroup(child.pid, 3_000);
  };
  const forget = lifecycle.add("users", {
    stop: end,
    kill: () => {
      if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
    },
  });
  const limit = setTimeout(() => {
    keep(`\nended after its limit of ${command.limitMs / 60_000} minutes\n`);
    void end();
  }, command.limitMs);
  const ok = await new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      keep(`${error.message}\n`);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
  clearTimeout(limit);
  forget();
  return { ok, output, seconds: (performance.now() - startedAt) / 1000 };
}
