// Installs what package-lock.json names when it is missing or has changed. Plain JavaScript and Node built-ins only:
// at this point there is nothing else.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { unlock, waitForLock } from "./lock-file.mjs";

const PROGRESS_MS = 5_000;

/** Installs when needed. `say` gets lines for people. Resolves to true when it installed. */
export async function ensureDependencies(root, say) {
  if (isCurrent(root)) return false;
  const lock = join(root, ".slipway-install.lock");
  await waitForLock(lock, {
    onWait: (holder) => say(`waiting for process ${holder.pid}, which is installing`),
  });
  try {
    // Another start may have installed while this one waited.
    if (isCurrent(root)) return false;
    if (!matchesLock(root)) await install(root, say);
    writeFileSync(stampFile(root), wanted(root));
    return true;
  } finally {
    unlock(lock);
  }
}

function stampFile(root) {
  return join(root, "node_modules", ".slipway-lock");
}

function wanted(root) {
  const lock = readFileSync(join(root, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}\n`;
}

function isCurrent(root) {
  try {
    return readFileSync(stampFile(root), "utf8") === wanted(root);
  } catch {
    return false;
  }
}

/** True when somebody has run `npm ci` by hand: npm's own record of node_modules agrees with the lock file. */
function matchesLock(root) {
  let installed;
  let locked;
  try {
    installed = JSON.parse(
      readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8"),
    ).packages;
    locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  } catch {
    return false;
  }
  return Object.entries(locked).every(([path, entry]) => {
    if (path === "" || !fitsHere(entry)) return true;
    const there = installed[path];
    if (there === undefined)
      return entry.optional === true && entry.os === undefined && entry.cpu === undefined;
    return there.version === entry.version && existsSync(join(root, path));
  });
}

/** Whether npm installs an entry on this platform. A list may also be a single word. */
function fitsHere(entry) {
  const allows = (words, value) => {
    const list = words === undefined ? [] : [words].flat();
    if (list.some((word) => !word.startsWith("!"))) return list.includes(value);
    return !list.includes(`!${value}`);
  };
  return (
    allows(entry.os, process.platform) &&
    allows(entry.cpu, process.arch) &&
    entry.libc === undefined
  );
}

/** npm must not run on the Node that it is about to delete: its own interpreter, and node_modules/.bin off the PATH. */
function npmCommand(root) {
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  const bin = join(root, "node_modules", ".bin");
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.startsWith(bin))
    .join(delimiter);
  const isNpm = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm);
  if (isNpm && node !== undefined && !node.startsWith(bin) && existsSync(node))
    return { file: node, first: [npm], path };
  return { file: "npm", first: [], path };
}

function installEnvironment(path) {
  const environment = { ...process.env, PATH: path, ONNXRUNTIME_NODE_INSTALL: "skip" };
  // What `npm start` was called with must not change what the install does.
  for (const name of Object.keys(environment)) {
    if (/^npm_config_(ignore_scripts|omit|include|production|dry_run|global)$/i.test(name))
      delete environment[name];
  }
  return environment;
}

function install(root, say) {
  const { file, first, path } = npmCommand(root);
  const flags = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0);
  say(
    "installing dependencies: about 1 GB, usually under two minutes; once, and again when package-lock.json changes",
  );
  const child = spawn(file, [...first, ...flags], {
    cwd: root,
    env: installEnvironment(path),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that it can be ended with everything that it started.
    detached: process.platform !== "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (output = (output + chunk).slice(-8_000)));
  const progress = setInterval(() => say(`installing dependencies: ${seconds()} s`), PROGRESS_MS);
  const forget = endWithUs(child);
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(
        new Error(`npm could not be run: ${error.message}. Install npm, or run "npm ci" yourself.`),
      ),
    );
    child.once("close", (code, signal) => {
      if (code === 0) {
        say(`dependencies installed in ${seconds()} s`);
        resolve();
      } else {
        reject(new Error(`npm ci failed (${signal ?? `exit code ${code}`}):\n${output.trim()}`));
      }
    });
  }).finally(() => {
    clearInterval(progress);
    forget();
  });
}

/** Ctrl-C during the install ends npm as well. */
function endWithUs(child) {
  const end = (signal) => {
    try {
      process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGTERM");
    } catch {
      // It has ended by itself.
    }
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  process.on("SIGHUP", end);
  return () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, end);
  };
}
