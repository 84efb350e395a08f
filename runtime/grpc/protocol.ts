import { readFileSync } from "node:fs";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import "protobufjs/ext/descriptor.js";
import descriptor from "protobufjs/ext/descriptor.js";
import type { InferResponseMessage } from "./messages.ts";

/** Bytes that are no message of the kind that the method takes; the handler answers INVALID_ARGUMENT. */
export class Malformed {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

const root = new protobuf.Root();
for (const file of ["../../lib/contracts/inference.proto", "./health.proto"]) {
  protobuf.parse(readFileSync(new URL(file, import.meta.url), "utf8"), root, { keepCase: true });
}
root.resolveAll();

/**
 * Reads a message without building plain objects of it: the handlers check every field they use. Never throws, because the library
 * would answer INTERNAL to what is the caller's fault.
 */
const reader =
  (type: protobuf.Type) =>
  (bytes: Buffer): unknown => {
    try {
      return type.decode(bytes);
    } catch (error) {
      return new Malformed(error instanceof Error ? error.message : "It cannot be read.");
    }
  };
const writer =
  (type: protobuf.Type) =>
  (message: unknown): Buffer => {
    const bytes = type.encode(message as Record<string, unknown>).finish();
    return Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };

/** The methods of a service as the gRPC library wants them. */
function definitionOf(name: string): ServiceDefinition {
  const service = root.lookupService(name);
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  for (const method of service.methodsArray) {
    const request = root.lookupType(
      `${service.fullName.slice(1).replace(/\.[^.]+$/, "")}.${method.requestType}`,
    );
    const response = root.lookupType(
      `${service.fullName.slice(1).replace(/\.[^.]+$/, "")}.${method.responseType}`,
    );
    definition[method.name] = {
      path: `/${name}/${method.name}`,
      requestStream: method.requestStream === true,
      responseStream: method.responseStream === true,
      requestSerialize: writer(request),
      requestDeserialize: reader(request),
      responseSerialize: writer(response),
      responseDeserialize: reader(response),
    };
  }
  return definition;
}

export const INFERENCE_SERVICE = "inference.GRPCInferenceService";
export const HEALTH_SERVICE = "grpc.health.v1.Health";
export const inferenceService = definitionOf(INFERENCE_SERVICE);
export const healthService = definitionOf(HEALTH_SERVICE);

/** Both files as reflection hands them out. */
export function fileDescriptors(): Buffer[] {
  const set = root.toDescriptor("proto3");
  return set.file.map((file) => Buffer.from(descriptor.FileDescriptorProto.encode(file).finish()));
}

/** A message of the inference protocol as bytes, and bytes as a message; reading throws when they are none. For those who ask other servers. */
export const inferRequest = { encode: writer(root.lookupType("inference.ModelInferRequest")) };
export const inferResponse = {
  decode: (bytes: Buffer): InferResponseMessage =>
    root.lookupType("inference.ModelInferResponse").decode(bytes) as unknown as InferResponseMessage,
};
export const readyRequest = { encode: writer(root.lookupType("inference.ModelReadyRequest")) };
export const readyResponse = {
  decode: (bytes: Buffer): { readonly ready?: boolean } =>
    root.lookupType("inference.ModelReadyResponse").decode(bytes) as { readonly ready?: boolean },
};
