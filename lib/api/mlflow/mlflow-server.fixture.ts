import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import type { App } from "#lib/server/composition.ts";
import { PEER_HEADER } from "../call-context.ts";
import { mlflowRoute } from "./mlflow-route.ts";
import { provideApp } from "../running-app.ts";

export type MlflowServer = { readonly url: string; close(): Promise<void> };

const AREAS = [
  { prefix: /^\/(?:ajax-)?api\/2\.0\/mlflow\//, handle: mlflowRoute("registry") },
  { prefix: /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\//, handle: mlflowRoute("artifacts") },
] as const;

/** The MLflow addresses of this App on a port of their own, called as Next calls them. */
export async function mlflowServer(app: App): Promise<MlflowServer> {
  provideApp(app);
  const server = createServer((request, response) => {
    void (async () => {
      const address = `http://127.0.0.1${request.url ?? "/"}`;
      const path = new URL(address).pathname;
      const area = AREAS.find(({ prefix }) => prefix.test(path));
      if (area === undefined) return response.writeHead(404).end();
      const hasBody = request.method !== "GET" && request.method !== "HEAD";
      const headers = new Headers({ [PEER_HEADER]: "127.0.0.1" });
      for (const [name, value] of Object.entries(request.headers)) if (typeof value === "string") headers.set(name, value);
      const init = { method: request.method ?? "GET", headers, ...(hasBody ? { body: Readable.toWeb(request), duplex: "half" } : {}) } as RequestInit;
      const segments = path.replace(area.prefix, "").split("/");
      const answer = await area.handle(new Request(address, init), { params: Promise.resolve({ path: segments }) });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
      return response;
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
