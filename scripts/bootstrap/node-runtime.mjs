// Continues under the Node that the lock file pins, or says what is missing. Plain JavaScript and Node built-ins only.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const NEEDED = [22, 22];

/** The Node 24 of node_modules for this platform, or null. */
function pinnedNode(root) {
  const file = join(
    root,
    "node_modules",
    `node-${process.platform}-${process.arch}`,
    "bin",
    "node",
  );
  return existsSync(file) ? realpathSync(file) : null;
}

function isRecentEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/**
 * Runs the TypeScript program `file`: in this process when it is the right Node, else in a child that gets the same terminal and signals.
 * In a child, SLIPWAY_LAUNCHER_PID names this process, so that the child can stop when this one is killed.
 */
export async function runUnderPinnedNode(root, file) {
  const node = pinnedNode(root);
  if (node === null && !isRecentEnough()) {
    throw new Error(
      `Node ${process.versions.node} is too old and there is no pinned Node for ${process.platform}-${process.arch}. ` +
        `Install Node ${NEEDED.join(".")} or newer.`,
    );
  }
  if (node === null || node === realpathSync(process.execPath)) {
    await import(pathToFileURL(file).href);
    return;
  }
  const child = spawn(node, [file, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, SLIPWAY_LAUNCHER_PID: String(process.pid) },
  });
  // The terminal sends Ctrl-C to both; other senders reach only this process. The child ignores repetitions.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${node} could not be run: ${error.message}\n`);
      resolve(1);
    });
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}
