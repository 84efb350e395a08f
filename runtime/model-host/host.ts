import { spawn, type ChildProcess } from "node:child_process";
import { setPriority } from "node:os";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { allocateFrame, createFrameReader, frameKinds, jsonFrame } from "./frames.ts";
import {
  failedMessage,
  readResultsFrame,
  readyMessage,
  type LoadMessage,
  type ReadyMessage,
  type RunResult,
} from "./messages.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const STDERR_TAIL = 2000;
/** A host that was asked to end and has not is killed after this long. */
const CLOSE_GRACE_MS = 5000;

/** Why the front process ended a host. */
export type KillReason = "timeout" | "memory" | "protocol" | "load_timeout" | "not_needed";

export type HostExit = {
  /** True when the host ended because it was told to. */
  readonly wasAsked: boolean;
  readonly killReason: KillReason | null;
  readonly signal: string | null;
  readonly code: number | null;
  /** In words, for acks and logs. */
  readonly problem: string;
};

export type HostEvents = {
  onReady(ready: ReadyMessage): void;
  /** The model cannot be loaded: a clear answer from the host, which then ends. */
  onLoadFailed(problem: string): void;
  onResult(result: RunResult): void;
  /** All results of one frame were handed out. */
  onResultsEnd(): void;
  onExit(exit: HostExit): void;
};

export type HostOptions = LoadMessage & {
  /** Working directory: the version's own, where nothing else lies. */
  readonly directory: string;
  readonly loadTimeoutMs: number;
  /** Larger = less processor time when others want it; 0 for serving hosts. */
  readonly niceness: number;
  /** Told of the process so that a later boot can find what a crash of ours left behind. */
  readonly onSpawn: (pid: number) => void;
};

/** One model host process. Only its pool talks to it. */
export type Host = {
  readonly pid: number | null;
  /** Sends one frame; a host that is gone swallows it (its exit is reported by itself). */
  send(frame: Buffer): void;
  /** Cooperative end: finish what runs, release the session, exit. */
  close(): void;
  /** The hard end, by SIGKILL: nothing in a native library can refuse it. */
  kill(reason: KillReason): void;
};

function exitProblem(
  code: number | null,
  signal: string | null,
  reason: KillReason | null,
  stderr: string,
): string {
  const words: Record<KillReason, string> = {
    timeout: "The model host did not answer in time and was killed.",
    memory: "The model host grew over its memory limit and was killed.",
    protocol: "The model host sent bytes that cannot be and was killed.",
    load_timeout: "The model did not load in time; its host was killed.",
    not_needed: "The model host was no longer needed.",
  };
  if (reason !== null) return words[reason];
  const how = signal === null ? `with code ${code ?? "none"}` : `by signal ${signal}`;
  const last = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
  return `The model host ended ${how}${last === "" ? "." : `: ${last}`}`;
}

/** The environment of a host: no token, no settings, nothing of ours. */
function hostEnvironment(): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { NODE_ENV: "production" };
  for (const name of ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function spawnHost(options: HostOptions): ChildProcess {
  const child = spawn(process.execPath, ["--max-old-space-size=512", "--no-warnings", MAIN], {
    cwd: options.directory,
    env: hostEnvironment(),
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) {
    options.onSpawn(child.pid);
    if (options.niceness > 0) setPriority(child.pid, options.niceness);
  }
  return child;
}

/** Starts a host and has it load its model. Every host reports exactly one `onExit`. */
export function startHost(options: HostOptions, events: HostEvents): Host {
  const child = spawnHost(options);
  const pipe = child.stdio[3];
  let isAsked = false;
  let killReason: KillReason | null = null;
  let stderr = "";

  const kill = (reason: KillReason): void => {
    killReason ??= reason;
    child.kill("SIGKILL");
  };
  const loadTimer = setTimeout(() => kill("load_timeout"), options.loadTimeoutMs);
  const onFrame = (kind: number, payload: Buffer): void => {
    if (kind === frameKinds.results) {
      readResultsFrame(payload, events.onResult);
      events.onResultsEnd();
    } else if (kind === frameKinds.ready) {
      clearTimeout(loadTimer);
      events.onReady(readyMessage.parse(JSON.parse(payload.toString("utf8"))));
    } else if (kind === frameKinds.failed)
      events.onLoadFailed(failedMessage.parse(JSON.parse(payload.toString("utf8"))).problem);
    else kill("protocol");
  };
  const read = createFrameReader(onFrame);

  if (pipe instanceof Socket) {
    pipe.on("data", (chunk: Buffer) => {
      try {
        read(chunk);
      } catch {
        kill("protocol");
      }
    });
    // A broken pipe is the host's end, which `exit` reports.
    pipe.on("error", () => undefined);
    const { modelPath, intraOpThreads, executionProvider, inputNames, outputNames } = options;
    pipe.write(
      jsonFrame(frameKinds.load, {
        modelPath,
        intraOpThreads,
        executionProvider,
        inputNames,
        outputNames,
      } satisfies LoadMessage),
    );
  }
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });

  let hasEnded = false;
  const end = (code: number | null, signal: string | null, problem?: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(loadTimer);
    pipe?.destroy();
    const wasAsked = isAsked && (killReason === null || killReason === "not_needed");
    events.onExit({
      wasAsked,
      killReason,
      signal,
      code,
      problem: problem ?? exitProblem(code, signal, killReason, stderr),
    });
  };
  child.once("error", (error) =>
    end(null, null, `The model host could not be started: ${error.message}`),
  );
  child.once("close", end);

  return {
    pid: child.pid ?? null,
    send(frame) {
      if (pipe instanceof Socket && pipe.writable) pipe.write(frame);
    },
    close() {
      if (isAsked || hasEnded) return;
      isAsked = true;
      if (pipe instanceof Socket && pipe.writable) pipe.write(allocateFrame(frameKinds.close, 0));
      const timer = setTimeout(() => kill("not_needed"), CLOSE_GRACE_MS);
      child.once("close", () => clearTimeout(timer));
    },
    kill,
  };
}
