import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { createHandlers, type GrpcOptions } from "./handlers.ts";
import { createHealth } from "./health.ts";
import { fileDescriptors, healthService, inferenceService } from "./protocol.ts";

/** Ports that are tried after a taken one, when none was asked for by name. */
const NEXT_PORTS = 20;
const STREAMS_PER_CONNECTION = 256;
const IDLE_MS = 600_000;
const KEEP_ALIVE_MS = 60_000;
const KEEP_ALIVE_TIMEOUT_MS = 20_000;

export type GrpcServer = {
  readonly port: number;
  /** Takes no new calls, lets those under way end for at most `drainMs`, then cuts them. */
  close(drainMs: number): Promise<void>;
};

export type GrpcListen = {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** A taken port is no error: the next free one will do. */
  readonly mayMove: boolean;
  readonly maxMessageBytes: number;
};

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new Error(`gRPC cannot listen on ${address}: ${error.message}`));
    });
  });
}

async function bindSomewhere(server: Server, { host, port, mayMove }: GrpcListen): Promise<number> {
  for (let next = port; ; next += 1) {
    try {
      return await bind(server, host, next);
    } catch (error) {
      if (!mayMove || port === 0 || next >= Math.min(65_535, port + NEXT_PORTS)) throw error;
    }
  }
}

/** Opens the gRPC port: inference, health and reflection. */
export async function openGrpcServer(
  listen: GrpcListen,
  options: GrpcOptions,
): Promise<GrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": listen.maxMessageBytes,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": STREAMS_PER_CONNECTION,
    "grpc.max_connection_idle_ms": IDLE_MS,
    "grpc.keepalive_time_ms": KEEP_ALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEP_ALIVE_TIMEOUT_MS,
  });
  server.addService(inferenceService, createHandlers(options));
  server.addService(healthService, createHealth(options.catalogue));
  // The library reads nothing of a package but its files.
  new ReflectionService({
    files: {
      format: "Protocol Buffer 3 DescriptorProto",
      type: {},
      fileDescriptorProtos: fileDescriptors(),
    },
  }).addToServer(server);
  const port = await bindSomewhere(server, listen);
  return {
    port,
    async close(drainMs) {
      const timer = setTimeout(() => server.forceShutdown(), drainMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}
