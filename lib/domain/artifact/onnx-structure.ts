import { readName } from "./protobuf-payload.ts";
import {
  defaultWalkLimits,
  enter,
  expectWire,
  fillWindow,
  leave,
  needsBytes,
  readField,
  readPackedVarint,
  skipField,
  startWalk,
  wireType,
  type Reading,
  type Walk,
} from "./protobuf-reader.ts";

/** The main graph of an ONNX file as it is wired, for a picture and for comparing two files; never more than the bounds below. */
export type OnnxNode = { readonly operator: string; readonly domain: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] };
/** `start` to `end` are the bytes of its TensorProto: the same bytes are the same tensor. */
export type OnnxInitialiser = { readonly name: string; readonly dims: readonly number[]; readonly start: number; readonly end: number };
export type OnnxStructure = {
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxInitialiser[];
  /** Nodes and initialisers there are, also beyond what is kept. */
  readonly nodeCount: number;
  readonly initialiserCount: number;
};

export const MAX_STRUCTURE_NODES = 5000;
const MAX_INITIALISERS = 20_000;
const MAX_EDGES_PER_NODE = 256;

type Draft = { nodes: OnnxNode[]; initialisers: OnnxInitialiser[]; nodeCount: number; initialiserCount: number };

/** Reads the structure of a file that `inspectOnnx` has accepted. */
export function* readOnnxStructure(size: number): Reading<OnnxStructure> {
  const walk = startWalk(size, defaultWalkLimits);
  const draft: Draft = { nodes: [], initialisers: [], nodeCount: 0, initialiserCount: 0 };
  yield* fields(walk, size, function* () {
    if (walk.field !== 7 || walk.wire !== wireType.bytes) return false;
    yield* message(walk, "graph", function* () {
      if (walk.field === 1) yield* readNode(walk, draft);
      else if (walk.field === 5) yield* readInitialiser(walk, draft);
      else return false;
      return true;
    });
    return true;
  });
  return draft;
}

function* fields(walk: Walk, end: number, take: () => Reading<boolean>): Reading<void> {
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (!(yield* take())) skipField(walk);
  }
}

function* message(walk: Walk, label: string, take: () => Reading<boolean>): Reading<void> {
  const end = enter(walk, label);
  yield* fields(walk, end, take);
  leave(walk, end);
}

function* readNode(walk: Walk, draft: Draft): Reading<void> {
  draft.nodeCount += 1;
  if (draft.nodes.length >= MAX_STRUCTURE_NODES) {
    skipField(walk);
    return;
  }
  const inputs: string[] = [];
  const outputs: string[] = [];
  let operator = "";
  let domain = "";
  yield* message(walk, "node", function* () {
    if (walk.field === 1 && inputs.length < MAX_EDGES_PER_NODE) inputs.push(yield* readName(walk, "input"));
    else if (walk.field === 2 && outputs.length < MAX_EDGES_PER_NODE) outputs.push(yield* readName(walk, "output"));
    else if (walk.field === 4) operator = yield* readName(walk, "op_type");
    else if (walk.field === 7) domain = yield* readName(walk, "domain");
    else return false;
    return true;
  });
  draft.nodes.push({ operator, domain, inputs, outputs });
}

function* readInitialiser(walk: Walk, draft: Draft): Reading<void> {
  draft.initialiserCount += 1;
  if (draft.initialisers.length >= MAX_INITIALISERS) {
    skipField(walk);
    return;
  }
  const start = walk.at;
  const end = walk.payloadEnd;
  const dims: number[] = [];
  let name = "";
  yield* message(walk, "initializer", function* () {
    if (walk.field === 8) name = yield* readName(walk, "name");
    else if (walk.field === 1 && walk.wire === wireType.varint && dims.length < 64) dims.push(walk.value);
    else if (walk.field === 1 && walk.wire === wireType.bytes) {
      const packedEnd = walk.payloadEnd;
      while (walk.at < packedEnd && dims.length < 64) {
        yield* fillWindow(walk);
        dims.push(readPackedVarint(walk, packedEnd));
      }
      walk.at = packedEnd;
    } else if (walk.field === 8) expectWire(walk, wireType.bytes, "name");
    else return false;
    return true;
  });
  draft.initialisers.push({ name, dims, start, end });
}

/**
 * Multiplications and additions for one row: two for each number of a matrix that MatMul or Gemm takes from the file. A lower bound: convolutions, trees and
 * products of two computed values depend on shapes that are only known at run time. Null when no such matrix is there.
 */
export function estimateFlops({ nodes, initialisers }: OnnxStructure): number | null {
  const sizes = new Map(initialisers.map(({ name, dims }) => [name, dims.reduce((product, dim) => product * dim, 1)]));
  let flops = 0;
  for (const { operator, inputs } of nodes) {
    if (!/^(MatMul|Gemm|MatMulInteger|QLinearMatMul)$/.test(operator)) continue;
    const matrix = inputs.map((name) => sizes.get(name)).find((size) => size !== undefined);
    if (matrix !== undefined) flops += 2 * matrix;
  }
  return flops === 0 ? null : flops;
}
