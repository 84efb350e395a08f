/**
 * `node runtime/rollback.ts --endpoint NAME [--reason TEXT]`: takes a release back on this host, at once, without control plane or database.
 * The runtime burns the epoch, serves its safe version, and reports it to the control plane when that is back.
 */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  adminDirectory,
  rollbackAnswer,
  type RollbackAnswer,
  type RollbackRequest,
} from "./admin/rollback-requests.ts";
import { readSettings } from "./env.ts";

const WAIT_MS = 10_000;
const USAGE = "Usage: node runtime/rollback.ts --endpoint NAME [--reason TEXT] [--name RUNTIME]\n";

async function waitForAnswer(file: string): Promise<RollbackAnswer | null> {
  const untilMs = performance.now() + WAIT_MS;
  while (performance.now() < untilMs) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return rollbackAnswer.parse(JSON.parse(text));
    await delay(10);
  }
  return null;
}

async function rollBack(endpoint: string, reason: string, directory: string): Promise<number> {
  const admin = adminDirectory(directory);
  const isThere = await stat(admin).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) {
    process.stderr.write(
      `No runtime has its data in ${directory}. Set SLIPWAY_DATA_DIR and --name to those of the runtime.\n`,
    );
    return 2;
  }
  const stem = path.join(admin, `rollback-${randomUUID()}`);
  const request: RollbackRequest = {
    endpoint,
    by: userInfo().username,
    reason,
    at: new Date().toISOString(),
  };
  const startMs = performance.now();
  await writeFile(`${stem}.new`, JSON.stringify(request), { mode: 0o600 });
  await rename(`${stem}.new`, `${stem}.request.json`);
  const answer = await waitForAnswer(`${stem}.answer.json`);
  if (answer === null) {
    process.stderr.write(
      "The runtime has not answered. The request stays: it is carried out as soon as the runtime runs.\n",
    );
    return 3;
  }
  await rm(`${stem}.answer.json`, { force: true });
  const line = `${answer.message} (${Math.round(performance.now() - startMs)} ms)\n`;
  if (answer.done) process.stdout.write(line);
  else process.stderr.write(line);
  return answer.done ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { endpoint: { type: "string" }, reason: { type: "string" }, name: { type: "string" } },
  });
  if (values.endpoint === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  // Without the control plane's address: rolling back here must not need its token.
  const variables = {
    ...process.env,
    SLIPWAY_CONTROL_URL: "",
    ...(values.name === undefined ? {} : { SLIPWAY_RUNTIME_NAME: values.name }),
  };
  return rollBack(values.endpoint, values.reason ?? "", readSettings(variables).directory);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  return 2;
});
