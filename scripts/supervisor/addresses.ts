import { readState, writeState } from "./data-directory.ts";
import type { DataDirectory } from "./data-directory.ts";
import type { Addresses } from "./environment.ts";
import type { StartOptions } from "./options.ts";
import { claimPort } from "./ports.ts";
import type { Terminal } from "./terminal.ts";

type PortName = keyof StartOptions["wantedPorts"];

/** Ports for this start, said so where they are not the wished ones, and kept for the next start. */
export async function chooseAddresses(
  options: StartOptions,
  data: DataDirectory,
  terminal: Terminal,
): Promise<Addresses> {
  const kept = readState(data).ports ?? {};
  const choose = async (name: PortName): Promise<number> => {
    const wanted = options.wantedPorts[name];
    const earlier = kept[name]?.wanted === wanted ? kept[name].port : undefined;
    const port = await claimPort(options.host, wanted, earlier);
    kept[name] = { port, wanted };
    return port;
  };
  const ports = {
    control: await choose("control"),
    runtimeHttp: await choose("runtimeHttp"),
    runtimeGrpc: await choose("runtimeGrpc"),
  };
  announce(terminal, "the control plane", options.wantedPorts.control, ports.control);
  announce(terminal, "the runtime", options.wantedPorts.runtimeHttp, ports.runtimeHttp);
  announce(terminal, "the runtime's gRPC", options.wantedPorts.runtimeGrpc, ports.runtimeGrpc);
  writeState(data, { ports: kept });

  const isEverywhere = options.host === "0.0.0.0" || options.host === "::";
  const host = isEverywhere ? "127.0.0.1" : options.host;
  const url = (port: number): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    host: options.host,
    controlPort: ports.control,
    runtimeHttpPort: ports.runtimeHttp,
    runtimeGrpcPort: ports.runtimeGrpc,
    publicUrl: options.publicUrl ?? url(ports.control),
    controlUrl: url(ports.control),
    runtimeUrl: url(ports.runtimeHttp),
  };
}

function announce(terminal: Terminal, who: string, wanted: number, port: number): void {
  if (port !== wanted) terminal.say(`port ${wanted} is or was taken; ${who} is on ${port}`);
}
