import { watch } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import type { OperatorRollback } from "../router/router.ts";

/**
 * Rolling back on the host itself, with control plane and database gone: `runtime/rollback.ts` leaves a file in the runtime's
 * `admin` directory, the runtime acts and leaves the answer beside it. Whoever may write there may roll back; the directory is 0700.
 */
export const rollbackRequest = z.strictObject({
  endpoint: z.string().min(1).max(128),
  by: z.string().max(128),
  reason: z.string().max(1000),
  at: z.string(),
});
export type RollbackRequest = z.output<typeof rollbackRequest>;

export const rollbackAnswer = z.object({
  done: z.boolean(),
  message: z.string(),
  /** From seeing the request to the new table in force. */
  tookMs: z.number(),
});
export type RollbackAnswer = z.output<typeof rollbackAnswer>;

type RollBack = (endpoint: string) => OperatorRollback;

const REQUEST = /^rollback-[0-9a-f-]{36}\.request\.json$/;
/** Looks by itself this often, for file systems that do not tell of changes. */
const POLL_MS = 500;

export function adminDirectory(runtimeDirectory: string): string {
  return path.join(runtimeDirectory, "admin");
}

async function readRequest(file: string): Promise<RollbackRequest | null> {
  try {
    return rollbackRequest.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return null;
  }
}

function carryOut(
  request: RollbackRequest | null,
  rollBack: RollBack,
  log: Logger,
): RollbackAnswer {
  if (request === null) return { done: false, message: "The request cannot be read.", tookMs: 0 };
  const startMs = performance.now();
  const { endpoint, by, reason } = request;
  const result = rollBack(endpoint);
  const tookMs = performance.now() - startMs;
  log.warn({ endpoint, by, reason, result }, "Roll back asked for on this host");
  const message = result.done
    ? `Endpoint ${endpoint} now serves ${result.nowServing}; epoch ${result.epoch} is burnt.`
    : result.problem;
  return { done: result.done, message, tookMs };
}

async function look(directory: string, rollBack: RollBack, log: Logger): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!REQUEST.test(name)) continue;
    const file = path.join(directory, name);
    const answer = carryOut(await readRequest(file), rollBack, log);
    const target = file.replace(/\.request\.json$/, ".answer.json");
    await writeFile(`${target}.new`, JSON.stringify(answer), { mode: 0o600 });
    await rename(`${target}.new`, target);
    await rm(file, { force: true });
  }
}

/** Acts on requests that lie there and on those to come. Answers how to stop. */
export async function watchRollbackRequests(
  runtimeDirectory: string,
  rollBack: RollBack,
  log: Logger,
): Promise<() => void> {
  const directory = adminDirectory(runtimeDirectory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let running: Promise<void> | null = null;
  const lookOnce = (): void => {
    running ??= look(directory, rollBack, log)
      .catch((error: unknown) =>
        log.error({ err: error }, "A request to roll back could not be handled"),
      )
      .finally(() => {
        running = null;
      });
  };
  const watcher = watch(directory, lookOnce);
  watcher.on("error", (error) =>
    log.warn({ err: error }, "The admin directory is not watched; looking every half second"),
  );
  const timer = setInterval(lookOnce, POLL_MS);
  timer.unref();
  lookOnce();
  return () => {
    clearInterval(timer);
    watcher.close();
  };
}
