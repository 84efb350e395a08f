import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/**
 * Under whose identity PostgreSQL runs: it refuses to run as root, and its initdb refuses to run as a user without a name.
 * `self`: an ordinary user. `user-namespace`: whoever we are outside, a named ordinary user inside; files stay ours.
 * `setpriv`: an ordinary user with the one capability that lets it through closed parent folders.
 * `plain`: an ordinary user without it; the programs and the data must lie where that user can reach them.
 */
export type AccountKind = "self" | "user-namespace" | "setpriv" | "plain";
export type Launch = { file: string; args: string[]; uid?: number; gid?: number };

const NOBODY = 65_534;

/** The command line that runs `file` under the account. */
export function launchAs(kind: AccountKind, file: string, args: readonly string[]): Launch {
  switch (kind) {
    case "self":
      return { file, args: [...args] };
    case "user-namespace": {
      const id = inNamespace();
      return {
        file: "unshare",
        args: ["--user", `--map-user=${id}`, `--map-group=${id}`, "--", file, ...args],
      };
    }
    case "setpriv":
      return {
        file: "setpriv",
        args: [
          `--reuid=${NOBODY}`,
          `--regid=${NOBODY}`,
          "--clear-groups",
          "--securebits=+no_setuid_fixup",
          "--inh-caps=-all,+dac_override",
          "--ambient-caps=-all,+dac_override",
          "--bounding-set=-all,+dac_override",
          "--",
          file,
          ...args,
        ],
      };
    case "plain":
      return { file, args: [...args], uid: NOBODY, gid: NOBODY };
  }
}

/** Any user with a name will do inside a namespace; which one means nothing outside. */
function inNamespace(): number {
  let lines: string[] = [];
  try {
    lines = readFileSync("/etc/passwd", "utf8").split("\n");
  } catch {
    // Without the file nobody has a name, and the probe will say so.
  }
  const named = lines
    .map((line) => Number(line.split(":")[2]))
    .filter((id) => Number.isInteger(id) && id > 0);
  return named.find((id) => id !== NOBODY) ?? NOBODY;
}

/** Which file owner PostgreSQL expects of its data directory under this account; null: whoever we are. */
function ownerOf(kind: AccountKind): number | null {
  if (kind === "self" || process.getuid === undefined) return null;
  return kind === "user-namespace" ? process.getuid() : NOBODY;
}

/**
 * The first account that works: under it `program --version` runs and a fresh folder beside the data can be written.
 * Null when none of `kinds` does. An ordinary user with a name is always `self`.
 */
export function chooseAccount(
  program: string,
  directory: string,
  environment: NodeJS.ProcessEnv,
  kinds: readonly AccountKind[] = ["user-namespace", "setpriv"],
): AccountKind | null {
  if (process.getuid?.() === 0)
    return kinds.find((kind) => canRun(kind, program, directory, environment)) ?? null;
  if (hasName() || !canRun("user-namespace", program, directory, environment)) return "self";
  return "user-namespace";
}

function hasName(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}

function canRun(
  kind: AccountKind,
  program: string,
  directory: string,
  environment: NodeJS.ProcessEnv,
): boolean {
  const probe = join(directory, `.probe-${process.pid}`);
  mkdirSync(probe, { recursive: true, mode: 0o700 });
  try {
    giveTo(kind, probe);
    const script = 'cd "$1" && : > "$1/written" && exec "$2" --version';
    const launch = launchAs(kind, "/bin/sh", ["-c", script, "probe", probe, program]);
    const result = spawnSync(launch.file, launch.args, {
      ...(launch.uid === undefined ? {} : { uid: launch.uid, gid: launch.gid }),
      env: environment,
      cwd: "/",
      timeout: 10_000,
    });
    return result.status === 0;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

/** Makes the account own `path` and everything in it, as PostgreSQL demands of its data directory. Does nothing when it does already. */
export function giveTo(kind: AccountKind, path: string): void {
  const owner = ownerOf(kind);
  if (owner === null || lstatSync(path).uid === owner) return;
  giveTree(path, owner);
}

/** Children first, so that an interrupted change is seen and done again. */
function giveTree(path: string, owner: number): void {
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) giveTree(join(path, name), owner);
  }
  chownSync(path, owner, owner);
}
