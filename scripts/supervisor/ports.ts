import { createServer } from "node:net";
import type { Server } from "node:net";

import { freePort, isFree } from "../free-port.ts";

const TRIES = 200;

/**
 * The wanted port, or the next one that is free. On Linux the choice is also kept from other starts on this machine, which may be
 * choosing at the same moment, until this process ends: the service that will listen needs some seconds to get there.
 */
export async function claimPort(
  host: string,
  wanted: number,
  remembered?: number,
): Promise<number> {
  for (const port of [...(remembered === undefined ? [] : [remembered]), ...range(wanted)]) {
    if ((await isFree(port, host)) && (await reserve(port))) return port;
  }
  return freePort(undefined, host);
}

function range(from: number): number[] {
  return Array.from({ length: TRIES }, (_, index) => from + index).filter((port) => port < 65_536);
}

const reservations = new Set<Server>();

/** An abstract socket: no file, gone with the process, and only one process can have it. */
function reserve(port: number): Promise<boolean> {
  if (process.platform !== "linux") return Promise.resolve(true);
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", () => resolve(false));
    server.listen(`\0slipway-port-${port}`, () => {
      reservations.add(server);
      resolve(true);
    });
  });
}
