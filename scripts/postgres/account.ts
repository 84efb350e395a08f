import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Under whose identity PostgreSQL runs: it refuses to run as root.
 * `self`: an ordinary user. `user-namespace`: root outside, user 1000 inside, files stay root's.
 * `setpriv`: user 65534 with the one capability that lets it through closed parent folders.
 * `plain`: user 65534 without it; the programs and the data must lie where that user can reach them.
 */
export type AccountKind = "self" | "user-namespace" | "setpriv" | "plain";
export type Launch = { file: string; args: string[]; uid?: number; gid?: number };

const NOBODY = 65_534;

/** The command line that runs `file` under the account. */
export function launchAs(kind: AccountKind, file: string, args: readonly string[]): Launch {
  switch (kind) {
    case "self":
      return { file, args: [...args] };
    case "user-namespace":
      return {
        file: "unshare",
        args: ["--user", "--map-user=1000", "--map-group=1000", "--", file, ...args],
      };
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

/** Which file owner PostgreSQL expects of its data directory under this account; null: whoever we are. */
function ownerOf(kind: AccountKind): number | null {
  if (kind === "self") return null;
  return kind === "user-namespace" ? 0 : NOBODY;
}

/**
 * The first account of `kinds` under which `program --version` runs and a fresh folder beside the data can be written,
 * or null. Only root needs to choose; everybody else is `self`.
 */
export function chooseAccount(
  program: string,
  directory: string,
  environment: NodeJS.ProcessEnv,
  kinds: readonly AccountKind[] = ["user-namespace", "setpriv"],
): AccountKind | null {
  if (process.getuid?.() !== 0) return "self";
  return kinds.find((kind) => canRun(kind, program, directory, environment)) ?? null;
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
