import { operatorDomain, operatorKey, type OnnxDraft } from "./onnx-draft.ts";
import { countPackedVarints, readName, readTextStart } from "./protobuf-payload.ts";
import {
  enter,
  expectWire,
  fillWindow,
  leave,
  malformed,
  needsBytes,
  overLimit,
  readField,
  refuseRepeated,
  skipField,
  skipUnknownField,
  wireType,
  type Reading,
  type Walk,
} from "./protobuf-reader.ts";
import { readSparseTensor, readTensor } from "./read-onnx-tensor.ts";
import { readValueInfo } from "./read-onnx-value.ts";
import type { TensorRole } from "./settle-onnx-tensor.ts";

/**
 * Where a graph stands: the model's own graph, one nested in an attribute, one inside a function body, or a training graph.
 * Every one is walked for external data; a training graph is never served, so its operators and weights are not counted.
 */
export type GraphPlace = "main" | "nested" | "function" | "training";

const graphField = {
  node: 1,
  name: 2,
  initializer: 5,
  docString: 10,
  input: 11,
  output: 12,
  valueInfo: 13,
  quantization: 14,
  sparseInitializer: 15,
  metadata: 16,
} as const;

/** Reads the GraphProto just announced. */
export function* readGraph(
  walk: Walk,
  draft: OnnxDraft,
  place: GraphPlace,
  label: string,
): Reading<void> {
  const end = enter(walk, label);
  const role: TensorRole = place === "training" ? "uncounted" : "initialiser";
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case graphField.node:
        yield* readNode(walk, draft, place);
        break;
      case graphField.initializer:
        noteInitialiser(draft, place, yield* readTensor(walk, draft, role, "initializer"));
        break;
      case graphField.sparseInitializer:
        noteInitialiser(
          draft,
          place,
          yield* readSparseTensor(walk, draft, role, "sparse_initializer"),
        );
        break;
      case graphField.name:
        if (place === "main") draft.graphName = yield* readTextStart(walk, "graph name", 512);
        else skipField(walk);
        break;
      case graphField.input:
      case graphField.output:
        if (place === "main") yield* readMainValue(walk, draft);
        else skipField(walk);
        break;
      case graphField.docString:
      case graphField.valueInfo:
      case graphField.quantization:
      case graphField.metadata:
        skipField(walk);
        break;
      default:
        skipUnknownField(walk);
    }
  }
  leave(walk, end);
}

function noteInitialiser(draft: OnnxDraft, place: GraphPlace, name: string): void {
  if (place === "main") draft.initialiserNames.add(name);
}

function* readMainValue(walk: Walk, draft: OnnxDraft): Reading<void> {
  const isInput = walk.field === graphField.input;
  const values = isInput ? draft.graphInputs : draft.graphOutputs;
  if (values.length >= draft.limits.maxGraphInputs) {
    throw overLimit(walk, `more than ${draft.limits.maxGraphInputs} graph inputs or outputs`);
  }
  values.push(yield* readValueInfo(walk, draft, isInput ? "input" : "output"));
}

const nodeField = {
  input: 1,
  output: 2,
  name: 3,
  opType: 4,
  attribute: 5,
  docString: 6,
  domain: 7,
  overload: 8,
  metadata: 9,
  deviceConfigurations: 10,
} as const;

/** Reads the NodeProto just announced, and everything its attributes hold. */
export function* readNode(walk: Walk, draft: OnnxDraft, place: GraphPlace): Reading<void> {
  const start = walk.fieldStart;
  const end = enter(walk, "node");
  draft.nodeCount += place === "training" ? 0 : 1;
  if (draft.nodeCount > draft.limits.maxNodes) {
    throw overLimit(walk, `more than ${draft.limits.maxNodes} operators`, start);
  }
  let operator = "";
  let domain = "";
  let zeros = 1;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case nodeField.opType:
        operator = yield* readName(walk, "op_type");
        break;
      case nodeField.domain:
        domain = yield* readName(walk, "domain");
        break;
      case nodeField.attribute: {
        const attribute = yield* readAttribute(walk, draft, place);
        if (attribute.name === "zeros") zeros = attribute.integer;
        break;
      }
      case nodeField.input:
      case nodeField.output:
      case nodeField.name:
      case nodeField.docString:
      case nodeField.overload:
      case nodeField.metadata:
      case nodeField.deviceConfigurations:
        expectWire(walk, wireType.bytes, "node field");
        skipField(walk);
        break;
      default:
        skipUnknownField(walk);
    }
  }
  if (operator === "") throw malformed(walk, "a node without op_type", start);
  if (place !== "training") noteOperator(walk, draft, place, domain, operator, zeros);
  leave(walk, end);
}

function noteOperator(
  walk: Walk,
  draft: OnnxDraft,
  place: GraphPlace,
  domain: string,
  operator: string,
  zeros: number,
): void {
  const key = operatorKey(domain, operator);
  const count = draft.operators.get(key);
  if (count === undefined && draft.operators.size >= draft.limits.maxOperatorKinds) {
    throw overLimit(walk, `more than ${draft.limits.maxOperatorKinds} kinds of operator`);
  }
  draft.operators.set(key, (count ?? 0) + 1);
  if (place !== "function") draft.graphDomains.add(operatorDomain(domain));
  if (key === "ai.onnx.ml\nOneHotEncoder" && zeros !== 0) draft.silentOneHotEncoders += 1;
}

const attributeField = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  docString: 13,
  typeProto: 14,
  typeProtos: 15,
  type: 20,
  refAttrName: 21,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

/** Known fields that hold neither tensors nor numbers worth counting. */
const idleAttributeFields: ReadonlySet<number> = new Set([
  attributeField.f,
  attributeField.s,
  attributeField.strings,
  attributeField.docString,
  attributeField.typeProto,
  attributeField.typeProtos,
  attributeField.type,
  attributeField.refAttrName,
]);

type Attribute = { name: string; integer: number };

/** Reads an AttributeProto: counts its numbers and walks the tensors and graphs inside it. */
export function* readAttribute(
  walk: Walk,
  draft: OnnxDraft,
  place: GraphPlace,
): Reading<Attribute> {
  const end = enter(walk, "attribute");
  const attribute: Attribute = { name: "", integer: 0 };
  let numbers = 0;
  let seen = 0;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      // First, because a tree ensemble has millions of them, one field each.
      case attributeField.floats:
        numbers += countFloats(walk);
        break;
      case attributeField.ints:
        if (walk.wire === wireType.bytes) numbers += yield* countPackedVarints(walk);
        else {
          expectWire(walk, wireType.varint, "ints");
          numbers += 1;
        }
        break;
      case attributeField.name:
        attribute.name = yield* readName(walk, "attribute name");
        break;
      case attributeField.i:
        expectWire(walk, wireType.varint, "i");
        attribute.integer = walk.value;
        break;
      case attributeField.t:
      case attributeField.g:
      case attributeField.sparseTensor:
        seen = refuseRepeated(walk, seen, "an attribute value");
        yield* readAttributeContent(walk, draft, place);
        break;
      case attributeField.tensors:
      case attributeField.graphs:
      case attributeField.sparseTensors:
        yield* readAttributeContent(walk, draft, place);
        break;
      default:
        if (idleAttributeFields.has(walk.field)) skipField(walk);
        else skipUnknownField(walk);
    }
  }
  if (place !== "training") draft.attributeNumberCount += numbers;
  leave(walk, end);
  return attribute;
}

/** The tensor, sparse tensor or graph that `readField` has just announced inside an attribute. */
function* readAttributeContent(walk: Walk, draft: OnnxDraft, place: GraphPlace): Reading<void> {
  const role: TensorRole = place === "training" ? "uncounted" : "attribute";
  switch (walk.field) {
    case attributeField.g:
    case attributeField.graphs:
      yield* readGraph(walk, draft, place === "main" ? "nested" : place, "subgraph");
      return;
    case attributeField.t:
    case attributeField.tensors:
      yield* readTensor(walk, draft, role, "attribute tensor");
      return;
    default:
      yield* readSparseTensor(walk, draft, role, "sparse attribute tensor");
  }
}

function countFloats(walk: Walk): number {
  if (walk.wire !== wireType.bytes) {
    expectWire(walk, wireType.fixed32, "floats");
    return 1;
  }
  const bytes = walk.payloadEnd - walk.at;
  if (bytes % 4 !== 0) throw malformed(walk, `${bytes} bytes of floats`);
  skipField(walk);
  return bytes / 4;
}
