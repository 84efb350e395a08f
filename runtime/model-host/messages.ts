import { z } from "zod";
import { executionProviders } from "#lib/contracts/runtime-protocol.ts";
import { oipDatatypes } from "#lib/domain/artifact/types.ts";
import { allocateFrame, FrameError, frameKinds, HEADER_BYTES, padded } from "./frames.ts";
import {
  readTensor,
  take,
  takeUInt32,
  tensorBytes,
  writeTensor,
  type ByteCursor,
  type WireTensor,
} from "./tensor-bytes.ts";

/** First frame to a host: what to load and how. The host loads by path, never from bytes. */
export const loadMessage = z.strictObject({
  modelPath: z.string(),
  intraOpThreads: z.number().int().min(1).max(64),
  executionProvider: z.enum(executionProviders),
  /** The signature's names in its order: tensors travel as positions in these lists. */
  inputNames: z.array(z.string()),
  outputNames: z.array(z.string()),
});
export type LoadMessage = z.output<typeof loadMessage>;

const hostTensor = z.strictObject({
  name: z.string().max(1024),
  datatype: z.enum(oipDatatypes),
  /** -1 = free. */
  shape: z.array(z.number().int().min(-1)).max(32),
});
export type HostTensor = z.output<typeof hostTensor>;

/** The host's answer once the session is there: what ONNX Runtime says of the named inputs and outputs. */
export const readyMessage = z.strictObject({
  inputs: z.array(hostTensor).max(4096),
  outputs: z.array(hostTensor).max(4096),
  loadMs: z.number().nonnegative(),
});
export type ReadyMessage = z.output<typeof readyMessage>;

/** The host's answer when the model cannot be loaded; the host then ends. */
export const failedMessage = z.strictObject({ problem: z.string().max(4000) });

/** One inference as it crosses to the host. `outputs` are positions in the signature's outputs; null = all. */
export type RunRequest = {
  readonly id: number;
  readonly outputs: readonly number[] | null;
  readonly inputs: readonly WireTensor[];
};

export type RunResult =
  | {
      readonly id: number;
      readonly ok: true;
      readonly runUs: number;
      readonly outputs: readonly WireTensor[];
    }
  /** `isInputFault`: ONNX Runtime refused the input before running the graph. */
  | {
      readonly id: number;
      readonly ok: false;
      readonly isInputFault: boolean;
      readonly problem: string;
    };

const MAX_PROBLEM = 1000;

function requestBytes(request: RunRequest): number {
  let total = 8 + padded(2 * (request.outputs?.length ?? 0));
  for (const tensor of request.inputs) total += tensorBytes(tensor);
  return total;
}

/** The requests of one frame, and how many rows of them the host may run as one batch. */
export type RunFrame = { readonly requests: readonly RunRequest[]; readonly maxRows: number };

/** All requests of one turn in one frame: `u32 count | u32 rows a batch may have`, then each `u32 id | u16 outputs | u16 inputs | u16 output[] | tensors`. */
export function encodeRunFrame(requests: readonly RunRequest[], maxRows: number): Buffer {
  let size = 8;
  for (const request of requests) size += requestBytes(request);
  const frame = allocateFrame(frameKinds.run, size);
  let at = frame.writeUInt32LE(requests.length, HEADER_BYTES);
  at = frame.writeUInt32LE(maxRows, at);
  for (const { id, outputs, inputs } of requests) {
    at = frame.writeUInt32LE(id, at);
    at = frame.writeUInt16LE(outputs?.length ?? 0, at);
    at = frame.writeUInt16LE(inputs.length, at);
    const tensors = at + padded(2 * (outputs?.length ?? 0));
    if (outputs !== null) for (const index of outputs) at = frame.writeUInt16LE(index, at);
    at = tensors;
    for (const tensor of inputs) at = writeTensor(frame, at, tensor);
  }
  return frame;
}

/** Positions of outputs, padded; null for none. */
function takeOutputs(cursor: ByteCursor, count: number): number[] | null {
  const at = take(cursor, padded(2 * count));
  if (count === 0) return null;
  return Array.from({ length: count }, (_, index) => cursor.bytes.readUInt16LE(at + 2 * index));
}

function takeUInt16(cursor: ByteCursor): number {
  return cursor.bytes.readUInt16LE(take(cursor, 2));
}

export function decodeRunFrame(payload: Buffer): RunFrame {
  const cursor: ByteCursor = { bytes: payload, at: 0 };
  const count = takeUInt32(cursor);
  const maxRows = takeUInt32(cursor);
  const requests: RunRequest[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = takeUInt32(cursor);
    const outputCount = takeUInt16(cursor);
    const inputCount = takeUInt16(cursor);
    const outputs = takeOutputs(cursor, outputCount);
    const inputs = Array.from({ length: inputCount }, () => readTensor(cursor));
    requests.push({ id, outputs, inputs });
  }
  return { requests, maxRows };
}

function resultBytes(result: RunResult): number {
  if (!result.ok) return 16 + padded(Buffer.byteLength(result.problem.slice(0, MAX_PROBLEM)));
  let total = 16;
  for (const tensor of result.outputs) total += tensorBytes(tensor);
  return total;
}

/** `u32 count | u32 0`, then each `u32 id | u16 status | u16 outputs | f32 microseconds or u32 text length | u32 0 | tensors or text`. */
export function encodeResultsFrame(results: readonly RunResult[]): Buffer {
  let size = 8;
  for (const result of results) size += resultBytes(result);
  const frame = allocateFrame(frameKinds.results, size);
  let at = frame.writeUInt32LE(results.length, HEADER_BYTES);
  at = frame.writeUInt32LE(0, at);
  for (const result of results) {
    at = frame.writeUInt32LE(result.id, at);
    at = frame.writeUInt16LE(result.ok ? 0 : result.isInputFault ? 2 : 1, at);
    at = frame.writeUInt16LE(result.ok ? result.outputs.length : 0, at);
    if (result.ok) {
      at = frame.writeFloatLE(result.runUs, at);
      at = frame.writeUInt32LE(0, at);
      for (const tensor of result.outputs) at = writeTensor(frame, at, tensor);
    } else {
      const length = frame.write(result.problem.slice(0, MAX_PROBLEM), at + 8);
      frame.writeUInt32LE(length, at);
      frame.writeUInt32LE(0, at + 4);
      at += 8 + padded(length);
    }
  }
  return frame;
}

function readResult(cursor: ByteCursor): RunResult {
  const id = takeUInt32(cursor);
  const status = takeUInt16(cursor);
  const outputCount = takeUInt16(cursor);
  if (status > 2) throw new FrameError("A result has an unknown status.");
  if (status === 0) {
    const runUs = cursor.bytes.readFloatLE(take(cursor, 8));
    return {
      id,
      ok: true,
      runUs,
      outputs: Array.from({ length: outputCount }, () => readTensor(cursor)),
    };
  }
  const length = cursor.bytes.readUInt32LE(take(cursor, 8));
  const at = take(cursor, padded(length));
  if (length > cursor.bytes.length - at) throw new FrameError("A problem runs past its frame.");
  return {
    id,
    ok: false,
    isInputFault: status === 2,
    problem: cursor.bytes.toString("utf8", at, at + length),
  };
}

/** Hands out each result of a frame. Throws `FrameError` when the bytes are not what a host sends. */
export function readResultsFrame(payload: Buffer, onResult: (result: RunResult) => void): void {
  const cursor: ByteCursor = { bytes: payload, at: 0 };
  const count = cursor.bytes.readUInt32LE(take(cursor, 8));
  for (let index = 0; index < count; index += 1) onResult(readResult(cursor));
}
