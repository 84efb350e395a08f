import { isAscii, isUtf8 } from "node:buffer";
import type { BinarySection, RawBody } from "./binary-tensors.ts";
import { badRequest } from "./inference-error.ts";

/** An infer request after JSON parsing, its parts not yet checked against a signature. */
export type InferBody = {
  readonly id: string | null;
  /** `parameters.slipway_key`. */
  readonly key: string | null;
  /** `parameters.timeout`: microseconds within which the answer is of use; null = none. */
  readonly timeoutUs: number | null;
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[] | null;
  /** `parameters.binary_data_output`: outputs are wanted as bytes unless one says otherwise. */
  readonly isBinaryOutput: boolean;
  /** Raw tensors after the JSON; null when there are none. */
  readonly binary: BinarySection | null;
  /** The whole body is one tensor's data; `inputs` is then empty. */
  readonly raw: RawBody | null;
  /** Length of the body in bytes: no tensor in it can hold more values than this. */
  readonly sizeBytes: number;
};

/** Bodies up to this size are parsed without a look ahead: whatever they hold, it cannot take much memory. */
const UNCHECKED_BYTES = 64 * 1024;
const MAX_DEPTH = 64;
const MAX_ARRAYS = 1_000_000;
const MAX_OBJECTS = 100_000;
const MAX_ID = 1024;
const MAX_KEY = 1024;

type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object, not null and not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Refuses large bodies that would cost much more memory parsed than as text: deep nesting, millions of small arrays or objects.
 * One pass over the bytes; strings are skipped.
 */
function checkStructure(body: Buffer): void {
  let depth = 0;
  let arrays = 0;
  let objects = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === 0x22) {
      for (at += 1; at < body.length && body[at] !== 0x22; at += 1) if (body[at] === 0x5c) at += 1;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (byte === 0x5b) arrays += 1;
      else objects += 1;
      if (depth > MAX_DEPTH)
        throw badRequest(`The body is nested more than ${MAX_DEPTH} levels deep.`);
      if (arrays > MAX_ARRAYS || objects > MAX_OBJECTS) {
        throw badRequest(
          "The body holds too many arrays or objects. Send large tensors flat, not nested.",
        );
      }
    } else if (byte === 0x5d || byte === 0x7d) {
      depth -= 1;
    }
  }
}

/** Keeps the digits of integers beyond 2^53 as bigint; every other value stays as it is. */
function keepWideIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  if (source === undefined || source.length > 20 || !/^-?\d+$/.test(source)) return value;
  return BigInt(source);
}

/** Parses JSON text. Throws `InferenceError` 400 with where it went wrong. */
export function parseJson(body: Buffer, exactIntegers: boolean): unknown {
  if (body.length === 0) throw badRequest("The body is empty; it should be a JSON object.");
  // Nearly every body is plain ASCII, which is a copy; anything else has to be decoded.
  const isPlain = isAscii(body);
  if (!isPlain && !isUtf8(body)) throw badRequest("The body is not UTF-8 text.");
  if (body.length > UNCHECKED_BYTES) checkStructure(body);
  const text = body.toString(isPlain ? "latin1" : "utf8");
  try {
    if (exactIntegers && /\d{16}/.test(text)) return JSON.parse(text, keepWideIntegers);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw badRequest("The body is nested too deep.");
    throw badRequest(
      `The body is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : "it cannot be read"}.`,
    );
  }
}

function stringOrNull(value: unknown, what: string, limit: number): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw badRequest(`${what} should be a string.`);
  if (value.length > limit) throw badRequest(`${what} is longer than ${limit} characters.`);
  return value;
}

/** The sticky key of a request: at most 1024 characters; empty counts as none. */
export function checkKey(value: unknown): string | null {
  const key = stringOrNull(value, "The key", MAX_KEY);
  return key === "" ? null : key;
}

/** The request parameter `timeout`, in microseconds; 0 and absent mean none. */
export function checkTimeout(value: unknown): number | null {
  if (value === undefined || value === null || value === 0) return null;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw badRequest("The parameter timeout should be a number of microseconds.");
  return value;
}

const RAW: Omit<InferBody, "raw" | "sizeBytes"> = {
  id: null,
  key: null,
  timeoutUs: null,
  inputs: [],
  outputs: null,
  isBinaryOutput: true,
  binary: null,
};

/**
 * Reads the frame of an infer request: id, key, list of inputs, list of outputs. `jsonBytes` is the header
 * `Inference-Header-Content-Length`, null without one. Throws `InferenceError` 400.
 */
export function parseInferBody(
  body: Buffer,
  exactIntegers: boolean,
  jsonBytes: number | null = null,
): InferBody {
  if (jsonBytes === null) return readInferBody(parseJson(body, exactIntegers), body.length);
  if (!Number.isSafeInteger(jsonBytes) || jsonBytes < 0 || jsonBytes > body.length) {
    throw badRequest("Inference-Header-Content-Length is not the length of a part of the body.");
  }
  if (jsonBytes === 0) return { ...RAW, raw: { raw: body }, sizeBytes: body.length };
  const document = parseJson(body.subarray(0, jsonBytes), exactIntegers);
  const binary = { bytes: body.subarray(jsonBytes), at: 0 };
  return { ...readInferBody(document, body.length), binary };
}

/** The same for a document that is parsed already; `sizeBytes` bounds the number of values in it. */
export function readInferBody(document: unknown, sizeBytes: number): InferBody {
  if (!isObject(document))
    throw badRequest("The body should be a JSON object with a list of inputs.");
  const { id, parameters, inputs, outputs } = document;
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw badRequest("parameters should be an object.");
  }
  if (!Array.isArray(inputs)) throw badRequest("inputs should be a list of tensors.");
  if (outputs !== undefined && outputs !== null && !Array.isArray(outputs)) {
    throw badRequest("outputs should be a list of names.");
  }
  return {
    id: stringOrNull(id, "id", MAX_ID),
    key: isObject(parameters) ? checkKey(parameters["slipway_key"]) : null,
    timeoutUs: isObject(parameters) ? checkTimeout(parameters["timeout"]) : null,
    inputs,
    outputs: Array.isArray(outputs) && outputs.length > 0 ? outputs : null,
    isBinaryOutput: isObject(parameters) && parameters["binary_data_output"] === true,
    binary: null,
    raw: null,
    sizeBytes,
  };
}
