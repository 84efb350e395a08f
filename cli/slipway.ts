#!/usr/bin/env node
/** The `slipway` command: speaks to the API and nothing else. `npm run slipway -- --help`. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import path from "node:path";

// More than half of a short command's time is compiling: it is kept, in a directory that is the person's own (in /tmp others could
// put code there). Where that cannot be written Node goes without.
enableCompileCache(path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "slipway", "compiled"));
const { runCommandLine } = await import("./run-command-line.ts");

// `slipway ... | head` closes the pipe early: that is no fault of anybody's.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
process.exitCode = await runCommandLine(process.argv.slice(2));
