import type { App } from "#lib/server/composition.ts";

const KEY = Symbol.for("slipway.app");

type Holder = { [KEY]?: App };

/** Makes `app` the one that the pages and routes of this process answer with. `server.ts` calls it once, before it takes requests. */
export function provideApp(app: App): void {
  (globalThis as Holder)[KEY] = app;
}

/**
 * The App of this process. It hangs on globalThis because Next gives pages and routes copies of their modules; and it is only named here, not
 * composed, because every route's bundle would otherwise carry the whole server (docs/decisions has the figures).
 * Throws when no process has provided one.
 */
export function getApp(): App {
  const app = (globalThis as Holder)[KEY];
  if (app === undefined) throw new Error("No App in this process: pages and routes run inside server.ts, which provides it.");
  return app;
}
