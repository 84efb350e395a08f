import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright";

import type { Lifecycle } from "../supervisor/lifecycle.ts";
import { runCommand } from "./command.ts";

const SYSTEM_BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Path of a Chromium: the one named by SLIPWAY_CHROMIUM, Playwright's own, the system's; else Playwright's download, else the
 * system's package manager where it may. Null when there is none to be had.
 */
export async function findChromium(
  root: string,
  env: NodeJS.ProcessEnv,
  lifecycle: Lifecycle,
  say: (text: string) => void,
): Promise<string | null> {
  const there = installed();
  if (there !== null) return there;
  const run = (file: string, args: readonly string[], minutes: number): Promise<{ ok: boolean }> =>
    runCommand(
      {
        file,
        args,
        cwd: root,
        env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
        limitMs: minutes * 60_000,
      },
      lifecycle,
    );

  say("no Chromium here: asking Playwright to download one");
  await run(
    process.execPath,
    [join(root, "node_modules", "playwright", "cli.js"), "install", "chromium"],
    4,
  );
  const downloaded = installed();
  if (downloaded !== null || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return downloaded;

  say("that failed: asking the system's package manager");
  await run("apt-get", ["update"], 3);
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], 6);
  return installed();
}

function installed(): string | null {
  const named = process.env["SLIPWAY_CHROMIUM"];
  const candidates = [
    ...(named === undefined ? [] : [named]),
    chromium.executablePath(),
    ...SYSTEM_BROWSERS,
  ];
  return candidates.find((path) => path !== "" && existsSync(path)) ?? null;
}
