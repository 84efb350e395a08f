import { readFileSync } from "node:fs";
import { Server, ServerCredentials, status as codes, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { afterEach, expect, it } from "vitest";
import { readTarget, restoreTarget } from "./read-target.ts";

const { root } = protobuf.parse(readFileSync(new URL("../../contracts/inference.proto", import.meta.url), "utf8"), { keepCase: true });
type Answer = (message: Record<string, unknown>, authorization: unknown) => object | codes;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** A server of the protocol that answers these methods. */
async function serve(answers: Readonly<Record<string, Answer>>): Promise<string> {
  const server = new Server();
  const methods = Object.keys(answers).map((method) => {
    const [request, response] = [root.lookupType(`inference.${method}Request`), root.lookupType(`inference.${method}Response`)];
    const write = (type: protobuf.Type) => (value: Record<string, unknown>) => Buffer.from(type.encode(value).finish());
    const read = (type: protobuf.Type) => (bytes: Buffer) => type.toObject(type.decode(bytes), { defaults: true });
    return [
      method,
      {
        path: `/inference.GRPCInferenceService/${method}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: write(request),
        requestDeserialize: read(request),
        responseSerialize: write(response),
        responseDeserialize: read(response),
      },
    ] as const;
  });
  const handlers = Object.entries(answers).map(([method, answer]) => [
    method,
    ({ request, metadata }: ServerUnaryCall<Record<string, unknown>, unknown>, done: sendUnaryData<unknown>) => {
      const given = answer(request, metadata.get("authorization")[0]);
      if (typeof given === "number") done({ code: given, details: "no" });
      else done(null, given);
    },
  ]);
  server.addService(Object.fromEntries(methods), Object.fromEntries(handlers));
  servers.push(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return `http://127.0.0.1:${port}`;
}

const at = (url: string) => ({ kind: "oip_grpc" as const, url, managementUrl: null, headers: { Authorization: "Bearer g" } });

it("says which versions a server has over gRPC, and which of them is ready", async () => {
  const seen: unknown[] = [];
  const url = await serve({
    ModelMetadata: ({ name }, authorization) => {
      seen.push(authorization);
      return name === "credit" ? { name, versions: ["1", "2"] } : codes.NOT_FOUND;
    },
    ModelReady: ({ version }) => ({ ready: version === "1" }),
  });
  expect(await readTarget(at(url), "credit")).toEqual([
    { version: "1", state: "ready", isDefault: false },
    { version: "2", state: "unavailable", isDefault: false },
  ]);
  expect(await readTarget(at(url), "other")).toEqual([]);
  expect(seen).toEqual(["Bearer g", "Bearer g"]);
});

it("tells a server that cannot be asked from one that has nothing", async () => {
  expect(await readTarget(at("http://127.0.0.1:1"), "credit")).toEqual({ problem: "The server cannot be reached." });
  const url = await serve({ ModelMetadata: () => codes.PERMISSION_DENIED });
  expect(await readTarget(at(url), "credit")).toEqual({ problem: "The server answered PERMISSION_DENIED." });
});

it("has a server load what was approved", async () => {
  const loaded: unknown[] = [];
  const url = await serve({
    RepositoryModelLoad: ({ model_name }) => {
      loaded.push(model_name);
      return {};
    },
  });
  await restoreTarget(at(url), "credit", "1");
  expect(loaded).toEqual(["credit"]);
  await expect(restoreTarget(at(await serve({ ModelReady: () => ({ ready: true }) })), "credit", "1")).rejects.toThrow("UNIMPLEMENTED");
});
