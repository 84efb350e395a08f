import { readName, readTextStart } from "../protobuf-payload.ts";
import {
  enter,
  expectWire,
  fillWindow,
  leave,
  malformed,
  needsBytes,
  overLimit,
  readField,
  skipField,
  wireType,
  type Reading,
  type Walk,
} from "../protobuf-reader.ts";
import type { OnnxDim } from "../types.ts";
import { tensorflowType } from "./tensorflow-types.ts";
import type { SavedModelSignature, SavedModelTensor } from "./types.ts";

export type SavedModelDraft = {
  schemaVersion: number | null;
  tensorflowVersion: string;
  readonly tagSets: string[][];
  readonly signatures: SavedModelSignature[];
  readonly operators: Map<string, number>;
  /** Names of the functions in the file: a node may call one as its operator. */
  readonly functions: Set<string>;
  nodeCount: number;
  functionCount: number;
  metaGraphs: number;
};

export const startSavedModelDraft = (): SavedModelDraft => ({
  schemaVersion: null,
  tensorflowVersion: "",
  tagSets: [],
  signatures: [],
  operators: new Map(),
  functions: new Set(),
  nodeCount: 0,
  functionCount: 0,
  metaGraphs: 0,
});

const MAX_META_GRAPHS = 64;
const MAX_NODES = 2_000_000;
const MAX_OPERATOR_KINDS = 10_000;
const MAX_SIGNATURES = 256;
const MAX_TENSORS = 2048;
const MAX_DIMS = 64;

/** Reads the message just entered field by field; what `take` does not take is skipped. */
function* eachField(walk: Walk, end: number, take: (walk: Walk) => Reading<boolean>): Reading<void> {
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (!(yield* take(walk))) skipField(walk);
  }
}

function* inside(walk: Walk, label: string, take: (walk: Walk) => Reading<boolean>): Reading<void> {
  const end = enter(walk, label);
  yield* eachField(walk, end, take);
  leave(walk, end);
}

function integer(walk: Walk, name: string): number {
  expectWire(walk, wireType.varint, name);
  if (walk.value > Number.MAX_SAFE_INTEGER) throw malformed(walk, `${name} is beyond 2^53`);
  return walk.value;
}

/** SavedModel: schema version 1, meta graphs 2. tensorflow/core/protobuf/saved_model.proto */
export function* readSavedModel(walk: Walk, draft: SavedModelDraft): Reading<void> {
  yield* eachField(walk, walk.size, function* () {
    if (walk.field === 1) {
      draft.schemaVersion = integer(walk, "saved_model_schema_version");
      return true;
    }
    if (walk.field !== 2) return false;
    draft.metaGraphs += 1;
    if (draft.metaGraphs > MAX_META_GRAPHS) throw overLimit(walk, `more than ${MAX_META_GRAPHS} meta graphs`);
    yield* readMetaGraph(walk, draft);
    return true;
  });
}

/** MetaGraphDef: meta info 1, graph 2, signatures 5. tensorflow/core/protobuf/meta_graph.proto */
function* readMetaGraph(walk: Walk, draft: SavedModelDraft): Reading<void> {
  const tags: string[] = [];
  const before = draft.signatures.length;
  yield* inside(walk, "meta_graph", function* () {
    if (walk.field === 1) yield* readMetaInfo(walk, draft, tags);
    else if (walk.field === 2) yield* readGraph(walk, draft);
    else if (walk.field === 5) yield* readSignatureEntry(walk, draft);
    else return false;
    return true;
  });
  draft.tagSets.push(tags);
  for (let index = before; index < draft.signatures.length; index += 1) {
    const signature = draft.signatures[index];
    if (signature !== undefined) draft.signatures[index] = { ...signature, tags };
  }
}

function* readMetaInfo(walk: Walk, draft: SavedModelDraft, tags: string[]): Reading<void> {
  yield* inside(walk, "meta_info_def", function* () {
    if (walk.field === 4) {
      if (tags.length >= 64) throw overLimit(walk, "more than 64 tags");
      tags.push(yield* readName(walk, "tag"));
    } else if (walk.field === 5) draft.tensorflowVersion = yield* readTextStart(walk, "tensorflow_version", 128);
    else return false;
    return true;
  });
}

/** GraphDef: nodes 1, library 2. */
function* readGraph(walk: Walk, draft: SavedModelDraft): Reading<void> {
  yield* inside(walk, "graph_def", function* () {
    if (walk.field === 1) yield* readNode(walk, draft);
    else if (walk.field === 2) yield* readLibrary(walk, draft);
    else return false;
    return true;
  });
}

/** NodeDef: op 2. */
function* readNode(walk: Walk, draft: SavedModelDraft): Reading<void> {
  const start = walk.fieldStart;
  draft.nodeCount += 1;
  if (draft.nodeCount > MAX_NODES) throw overLimit(walk, `more than ${MAX_NODES} operators`);
  let operator = "";
  yield* inside(walk, "node", function* () {
    if (walk.field !== 2) return false;
    operator = yield* readName(walk, "op");
    return true;
  });
  if (operator === "") throw malformed(walk, "a node without op", start);
  if (!draft.operators.has(operator) && draft.operators.size >= MAX_OPERATOR_KINDS) {
    throw overLimit(walk, `more than ${MAX_OPERATOR_KINDS} kinds of operator`);
  }
  draft.operators.set(operator, (draft.operators.get(operator) ?? 0) + 1);
}

/** FunctionDefLibrary: functions 1, each with its OpDef 1 and nodes 3. */
function* readLibrary(walk: Walk, draft: SavedModelDraft): Reading<void> {
  yield* inside(walk, "library", function* () {
    if (walk.field !== 1) return false;
    draft.functionCount += 1;
    yield* inside(walk, "function", function* () {
      if (walk.field === 1) {
        yield* inside(walk, "signature", function* () {
          if (walk.field !== 1) return false;
          draft.functions.add(yield* readName(walk, "function name"));
          return true;
        });
      } else if (walk.field === 3) yield* readNode(walk, draft);
      else return false;
      return true;
    });
    return true;
  });
}

/** An entry of the signature map: key 1, SignatureDef 2 with inputs 1, outputs 2, method 3. */
function* readSignatureEntry(walk: Walk, draft: SavedModelDraft): Reading<void> {
  let key = "";
  let method = "";
  const inputs: SavedModelTensor[] = [];
  const outputs: SavedModelTensor[] = [];
  if (draft.signatures.length >= MAX_SIGNATURES) throw overLimit(walk, `more than ${MAX_SIGNATURES} signatures`);
  yield* inside(walk, "signature_def", function* () {
    if (walk.field === 1) {
      key = yield* readName(walk, "signature name");
      return true;
    }
    if (walk.field !== 2) return false;
    yield* inside(walk, "signature", function* () {
      if (walk.field === 1) inputs.push(yield* readTensorEntry(walk, inputs.length));
      else if (walk.field === 2) outputs.push(yield* readTensorEntry(walk, outputs.length));
      else if (walk.field === 3) method = yield* readName(walk, "method_name");
      else return false;
      return true;
    });
    return true;
  });
  const byKey = (a: SavedModelTensor, b: SavedModelTensor): number => (a.key < b.key ? -1 : 1);
  draft.signatures.push({ key, tags: [], method, inputs: inputs.sort(byKey), outputs: outputs.sort(byKey) });
}

/** An entry of a tensor map: key 1, TensorInfo 2 with name 1, dtype 2, shape 3, sparse 4, composite 5. */
function* readTensorEntry(walk: Walk, present: number): Reading<SavedModelTensor> {
  if (present >= MAX_TENSORS) throw overLimit(walk, `more than ${MAX_TENSORS} inputs or outputs`);
  let key = "";
  let tensor = "";
  let kind: SavedModelTensor["kind"] = "tensor";
  let dtype = tensorflowType(0);
  let dims: readonly OnnxDim[] | null = [];
  yield* inside(walk, "tensor", function* () {
    if (walk.field === 1) {
      key = yield* readName(walk, "tensor key");
      return true;
    }
    if (walk.field !== 2) return false;
    yield* inside(walk, "tensor_info", function* () {
      if (walk.field === 1) tensor = yield* readName(walk, "tensor name");
      else if (walk.field === 2) dtype = tensorflowType(integer(walk, "dtype"));
      else if (walk.field === 3) dims = yield* readShape(walk);
      else if (walk.field === 4 || walk.field === 5) {
        kind = walk.field === 4 ? "sparse" : "composite";
        return false;
      } else return false;
      return true;
    });
    return true;
  });
  return { key, tensor, kind, dtype, dims };
}

/** TensorShapeProto: dims 2 with size 1, unknown rank 3. */
function* readShape(walk: Walk): Reading<readonly OnnxDim[] | null> {
  const dims: OnnxDim[] = [];
  let unknownRank = false;
  yield* inside(walk, "tensor_shape", function* () {
    if (walk.field === 3) {
      unknownRank = integer(walk, "unknown_rank") !== 0;
      return true;
    }
    if (walk.field !== 2) return false;
    if (dims.length >= MAX_DIMS) throw overLimit(walk, `a shape of more than ${MAX_DIMS} dimensions`);
    let dim: OnnxDim = { kind: "fixed", size: 0 };
    yield* inside(walk, "dim", function* () {
      if (walk.field !== 1) return false;
      expectWire(walk, wireType.varint, "size");
      const isNegative = walk.high >= 0x8000_0000;
      if (!isNegative && walk.value > Number.MAX_SAFE_INTEGER) throw malformed(walk, "a dimension beyond 2^53");
      dim = isNegative ? { kind: "free", name: null } : { kind: "fixed", size: walk.value };
      return true;
    });
    dims.push(dim);
    return true;
  });
  return unknownRank ? null : dims;
}
