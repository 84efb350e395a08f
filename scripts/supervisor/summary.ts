import { spawn } from "node:child_process";

import type { DataDirectory } from "./data-directory.ts";
import type { Addresses } from "./environment.ts";
import { isLoopback } from "./options.ts";
import type { StartOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";

export type Summary = {
  /** Signs in once. */
  link: string;
  addresses: Addresses;
  demo: boolean;
  data: DataDirectory;
  startedAt: number;
  options: StartOptions;
};

/** The short table at the end of a start: where to go, what is happening, where to look. */
export function printSummary(terminal: Terminal, summary: Summary): void {
  const { addresses, data, options } = summary;
  const seconds = ((performance.now() - summary.startedAt) / 1000).toFixed(1);
  const rows: [string, string][] = [
    ["open", summary.link],
    ["", whatTheLinkDoes(summary)],
    ["inference", `${addresses.runtimeUrl}/v2`],
    ["", `${new URL(addresses.runtimeUrl).hostname}:${addresses.runtimeGrpcPort} (gRPC)`],
    ...happening(summary.demo),
    ["logs", `${data.logs}   (npm start -- --verbose shows them)`],
    ["stop", "Ctrl-C"],
  ];
  terminal.raw(`\n  up in ${seconds} s\n`);
  for (const [name, text] of rows) terminal.raw(`  ${name.padEnd(10)} ${text}`);
  if (!isLoopback(addresses.host))
    terminal.warn(`reachable from other machines on ${addresses.host}`);
  terminal.raw("");
  if (options.open) openBrowser(summary.link);
}

function whatTheLinkDoes({ link, demo }: Summary): string {
  if (!link.includes("key=")) return "sign in with your account";
  return demo
    ? "signs you in; works once, for 10 minutes"
    : "creates the first administrator; works once, for 30 minutes";
}

function happening(demo: boolean): [string, string][] {
  if (!demo) return [];
  return [
    ["now", "release 1 is being promoted by its own evidence (two to three minutes);"],
    ["", "release 2 is being rolled back by its own metrics (about one minute);"],
    ["", "release 3 waits for your approval. Again: npm run demo:reset"],
  ];
}

/** Only for a person at a desktop: a terminal, and a display to open something on. */
function openBrowser(link: string): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const display =
    process.platform === "darwin" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (!process.stdout.isTTY || !display || !/^https?:\/\//.test(link)) return;
  const browser = spawn(program, [link], { stdio: "ignore", detached: true });
  browser.once("error", () => undefined);
  browser.unref();
}
