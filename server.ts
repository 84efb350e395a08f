/**
 * The control plane: Next inside a node:http server of our own, with the release controller beside it.
 * Settings come from the environment (docs/settings.md). SIGTERM and SIGINT stop it within a second or so.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import next from "next";
import { pino } from "pino";

import { closeHttpServer, createHttpServer } from "#lib/api/http-server.ts";
import { refuseUnroutable } from "#lib/api/refuse-unroutable.ts";
import { getApp, provideApp } from "#lib/api/running-app.ts";
import { createApp } from "#lib/server/composition.ts";
import { readControlPlaneSettings, SettingsError } from "#lib/server/env.ts";
import type { ControlPlaneSettings } from "#lib/server/env.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

const READY_LIMIT_MS = 3_000;
const STOP_LIMIT_MS = 2_500;

async function main(): Promise<void> {
  const settings = readControlPlaneSettings(process.env);
  const log = pino({ level: settings.logLevel, base: { part: "control-plane" } });
  let pages: Handler = notYet;
  const server = createHttpServer({
    isUpload: (request) =>
      (request.method === "POST" && /^\/api\/v1\/(artifacts|models\/[^/]+\/versions)(\?|$)/.test(request.url ?? "")) ||
      (request.method === "PUT" && /^\/(ajax-)?api\/2\.0\/mlflow-artifacts\//.test(request.url ?? "")),
    onRequest: (request, response) => {
      answer(request, response, pages).catch((error: unknown) => {
        log.error({ err: error, url: request.url }, "request failed outside every handler");
        if (!response.headersSent) response.writeHead(500).end();
        else response.destroy();
      });
    },
  });

  const app = createApp(settings);
  provideApp(app);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    // Requests under way still need the database connections that the app closes.
    closeHttpServer(server)
      .then(() => app.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "did not stop cleanly");
          process.exit(1);
        },
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);

  // Listening first: whoever watches over this process can tell "starting" from "dead".
  server.listen(settings.port, settings.host);
  await once(server, "listening");
  const prepared = await preparePages(settings);
  pages = prepared.answer;
  if (settings.development) allowUpgrades(server, prepared.upgrade);
  // Does not reject when the database is away: the app keeps trying and /readyz says so.
  await app.startBackground();
  log.info({ url: settings.publicUrl }, "control plane is up");
}

/** Next's handlers. The decoy takes the upgrade listener that Next would otherwise hang on our server. */
async function preparePages(
  settings: ControlPlaneSettings,
): Promise<{ answer: Handler; upgrade: UpgradeHandler }> {
  const pages = next({
    dev: settings.development,
    dir: import.meta.dirname,
    hostname: settings.host,
    port: settings.port,
    quiet: true,
    httpServer: createServer(),
  });
  await pages.prepare();
  return {
    answer: pages.getRequestHandler(),
    upgrade: (request, socket, head) => pages.getUpgradeHandler()(request, socket, head),
  };
}

/** The development server tells the browser about changes over a WebSocket. */
function allowUpgrades(server: Server, upgrade: UpgradeHandler): void {
  server.removeAllListeners("upgrade");
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade(request, socket, head).catch(() => socket.destroy());
  });
}

/** `/healthz`: this process answers. `/readyz`: it can do its work. Neither needs Next, and the first needs nothing. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Handler,
): Promise<void> {
  const path = request.url?.split("?", 1)[0];
  if (path === "/healthz") return reply(response, 200, { status: "alive" });
  if (path === "/readyz" && pages !== notYet) {
    const readiness = await withinLimit(getApp().readiness());
    return reply(response, readiness.ready ? 200 : 503, readiness);
  }
  if (refuseUnroutable(request, response)) return;
  return pages(request, response);
}

type Readiness = { ready: boolean };

async function withinLimit(question: Promise<Readiness>): Promise<Readiness> {
  const notReady: Readiness = { ready: false };
  return Promise.race([
    question.catch(() => notReady),
    delay(READY_LIMIT_MS, notReady, { ref: false }),
  ]);
}

function notYet(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("retry-after", "1");
  return Promise.resolve(reply(response, 503, { status: "starting" }));
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

main().catch((error: unknown) => {
  // The logger may not exist yet, and what a person must read here is short.
  process.stderr.write(
    `${error instanceof SettingsError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
});
