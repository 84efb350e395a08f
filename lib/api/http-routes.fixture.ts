import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { App } from "#lib/server/composition.ts";
import { routesOf } from "./api.fixture.ts";

/** The real handlers of the API on a real port, without Next: for tests with clients that are processes of their own. */
export async function serveRoutes(app: App): Promise<{ readonly url: string; close(): Promise<void> }> {
  const routes = (await routesOf(app)).map((route) => ({
    ...route,
    pattern: new RegExp(`^${route.path.replaceAll(/\{([^}]+)\}/g, "(?<$1>[^/]+)")}$`),
  }));
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
      const found = routes.map((route) => ({ route, match: route.pattern.exec(url.pathname) })).find(({ route, match }) => match !== null && route.method === incoming.method);
      if (found === undefined) return void outgoing.writeHead(404).end();
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const headers = Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as [string, string]] : []));
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const params = Object.fromEntries(Object.entries(found.match?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
      const answer = await found.route.handler(new Request(url, { method: incoming.method ?? "GET", headers, ...body }), { params: Promise.resolve(params) });
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null) outgoing.end();
      else Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]).pipe(outgoing);
    })().catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
