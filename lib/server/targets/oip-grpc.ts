import { readFileSync } from "node:fs";
import { Client, credentials, Metadata, status as codes, type ServiceError } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { z } from "zod";
import type { ServedVersion } from "#lib/domain/serving/target-kinds.ts";

/** A server of the Open Inference Protocol over gRPC, as the control plane asks it: what it has, and to load. */
export type GrpcAccess = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

const TIMEOUT_MS = 5000;
const MAX_BYTES = 1024 * 1024;
const SERVICE = "inference.GRPCInferenceService";

let parsed: protobuf.Root | null = null;
/** The protocol's messages; read at the first call. */
function messages(): protobuf.Root {
  parsed ??= protobuf.parse(readFileSync(new URL("../../contracts/inference.proto", import.meta.url), "utf8"), { keepCase: true }).root;
  return parsed;
}

/** Thrown for what a server refused; `code` is gRPC's. */
class Refused extends Error {
  readonly code: codes;
  constructor(code: codes) {
    super(`The server answered ${codes[code] ?? code}.`);
    this.code = code;
  }
}

/** One call with all bounds: 5 s, at most 1 MiB back. Throws in words. */
async function call<S extends z.ZodType>(access: GrpcAccess, method: string, message: Record<string, unknown>, schema: S): Promise<z.output<S>> {
  const { protocol, hostname, port } = new URL(access.url);
  const isTls = protocol === "https:";
  const client = new Client(`${hostname}:${port === "" ? (isTls ? 443 : 80) : port}`, isTls ? credentials.createSsl() : credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_BYTES,
    "grpc.enable_retries": 0,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(access.headers)) metadata.set(name.toLowerCase(), value);
  const [request, response] = [messages().lookupType(`inference.${method}Request`), messages().lookupType(`inference.${method}Response`)];
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest<Record<string, unknown>, z.output<S>>(
        `/${SERVICE}/${method}`,
        (value) => Buffer.from(request.encode(value).finish()),
        (bytes) => schema.parse(response.toObject(response.decode(bytes), { defaults: true })),
        message,
        metadata,
        { deadline: Date.now() + TIMEOUT_MS },
        (error: ServiceError | null, answer) => {
          if (error === null && answer !== undefined) return resolve(answer);
          const isAway = error?.code === codes.UNAVAILABLE || error?.code === codes.DEADLINE_EXCEEDED;
          reject(isAway ? new Error("The server cannot be reached.") : new Refused(error?.code ?? codes.UNKNOWN));
        },
      );
    });
  } finally {
    client.close();
  }
}

const metadataAnswer = z.object({ versions: z.array(z.string().max(256)).max(1000) });
const readyAnswer = z.object({ ready: z.boolean() });

/** What it serves of this model. */
export async function readGrpc(access: GrpcAccess, model: string): Promise<ServedVersion[]> {
  let versions: string[];
  try {
    ({ versions } = await call(access, "ModelMetadata", { name: model }, metadataAnswer));
  } catch (error) {
    // Which of the two a server says of a model it does not have is its own affair.
    if (error instanceof Refused && (error.code === codes.NOT_FOUND || error.code === codes.INVALID_ARGUMENT)) return [];
    throw error;
  }
  const listed = versions.length === 0 ? [null] : versions;
  return Promise.all(
    listed.map(async (version): Promise<ServedVersion> => {
      const ready = await call(access, "ModelReady", { name: model, version: version ?? "" }, readyAnswer).then(
        (answer) => answer.ready,
        (error: unknown) => {
          if (error instanceof Refused) return false;
          throw error;
        },
      );
      // The protocol does not say which version is the default one; with a single one there is no question.
      return { version: version ?? "default", state: ready ? "ready" : "unavailable", isDefault: listed.length === 1 };
    }),
  );
}

/** Tells it to load what was approved. Throws in words. */
export async function loadGrpc(access: GrpcAccess, model: string): Promise<void> {
  await call(access, "RepositoryModelLoad", { model_name: model }, z.object({}));
}
