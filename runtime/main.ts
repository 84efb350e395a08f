/** The runtime: answers inference requests for the endpoints that the control plane gives it, and goes on when the control plane is gone. */
import pino, { type Logger } from "pino";
import cluster from "node:cluster";
import { readSettings, SettingsError, type RuntimeSettings } from "./env.ts";
import { startFleet } from "./fleet/primary.ts";
import { serve } from "./serve.ts";
import { LockedError } from "./storage/instance-lock.ts";

function settingsOrNull(): RuntimeSettings | null {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`The runtime cannot start, its settings are wrong:\n${error.message}\n`);
    return null;
  }
}

function problemOf(error: unknown, settings: RuntimeSettings): string {
  if (error instanceof LockedError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return `Port ${settings.httpPort} on ${settings.host} is taken; set SLIPWAY_RUNTIME_HTTP_PORT to another, or to 0 for any free one.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function run(settings: RuntimeSettings, log: Logger): Promise<void> {
  const serving =
    settings.processes > 1 && cluster.isPrimary
      ? startFleet(settings, log)
      : await serve(settings, log);
  let stopping: Promise<void> | null = null;
  const stop = (): void => {
    // The loop empties by itself once everything is closed; no process.exit while anything native may run.
    stopping ??= serving
      .stop()
      .catch((error: unknown) => {
        log.error({ err: error }, "Stopping failed");
        process.exitCode = 1;
      })
      // The line to the process that started this one would keep it alive.
      .then(() => cluster.worker?.disconnect())
      .then(() => undefined);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

const settings = settingsOrNull();
if (settings === null) process.exitCode = 2;
else {
  const log = pino({ level: settings.logLevel, base: { runtime: settings.name } });
  await run(settings, log).catch((error: unknown) => {
    process.stderr.write(`The runtime cannot start: ${problemOf(error, settings)}\n`);
    process.exitCode = 1;
    // What was half opened would keep the process alive; no model host has been started yet.
    process.exit();
  });
}
