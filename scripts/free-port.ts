import { createServer } from "node:net";

/** True when nothing listens on this port of the host. */
export async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return (await bind(port, host)) !== null;
}

/** The wanted port when it is free, else one that the system picks. Somebody may still take it before its user does. */
export async function freePort(wanted?: number, host = "127.0.0.1"): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted, host))) return wanted;
  const port = await bind(0, host);
  if (port === null) throw new Error(`No free port on ${host}.`);
  return port;
}

/** The first free port from `wanted` upward that is not in `taken`. */
export async function nextFreePort(
  wanted: number,
  taken: ReadonlySet<number>,
  host = "127.0.0.1",
): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + 200, 65_536); port += 1) {
    if (!taken.has(port) && (await isFree(port, host))) return port;
  }
  return freePort(undefined, host);
}

function bind(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once("error", () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}
