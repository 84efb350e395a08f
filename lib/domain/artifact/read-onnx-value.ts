import { onnxElementType } from "./onnx-element-types.ts";
import type { OnnxDraft } from "./onnx-draft.ts";
import { readName } from "./protobuf-payload.ts";
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
import type { OnnxDim, OnnxValue, OnnxValueKind } from "./types.ts";

type TypeDraft = { kind: OnnxValueKind; elementType: string | null; dims: OnnxDim[] | null };

const valueField = { name: 1, type: 2, docString: 3, metadata: 4 } as const;

/** Reads the ValueInfoProto just announced: a graph input or output with its declared type. */
export function* readValueInfo(walk: Walk, draft: OnnxDraft, label: string): Reading<OnnxValue> {
  const end = enter(walk, label);
  let name = "";
  let type: TypeDraft = { kind: "unknown", elementType: null, dims: null };
  let seen = 0;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case valueField.name:
        name = yield* readName(walk, "value name");
        break;
      case valueField.type:
        seen = refuseRepeated(walk, seen, "type");
        type = yield* readType(walk, draft);
        break;
      case valueField.docString:
      case valueField.metadata:
        skipField(walk);
        break;
      default:
        skipUnknownField(walk);
    }
  }
  leave(walk, end);
  return { name, ...type };
}

const kindOfField: Readonly<Record<number, OnnxValueKind>> = {
  1: "tensor",
  4: "sequence",
  5: "map",
  7: "opaque",
  8: "sparse_tensor",
  9: "optional",
};
const DENOTATION = 6;

function* readType(walk: Walk, draft: OnnxDraft): Reading<TypeDraft> {
  const end = enter(walk, "type");
  const type: TypeDraft = { kind: "unknown", elementType: null, dims: null };
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    const kind = kindOfField[walk.field];
    if (kind === undefined) {
      if (walk.field === DENOTATION) skipField(walk);
      else skipUnknownField(walk);
      continue;
    }
    if (type.kind !== "unknown") throw malformed(walk, "one value declares two types");
    type.kind = kind;
    if (kind === "tensor" || kind === "sparse_tensor") yield* readTensorType(walk, draft, type);
    else skipField(walk);
  }
  leave(walk, end);
  return type;
}

function* readTensorType(walk: Walk, draft: OnnxDraft, type: TypeDraft): Reading<void> {
  const end = enter(walk, "tensor_type");
  let seen = 0;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) {
      expectWire(walk, wireType.varint, "elem_type");
      if (walk.value !== 0 && onnxElementType(walk.value) === null) {
        throw malformed(walk, `element type ${walk.value} is not one that ONNX defines`);
      }
      type.elementType = onnxElementType(walk.value)?.name ?? null;
    } else if (walk.field === 2) {
      seen = refuseRepeated(walk, seen, "shape");
      type.dims = yield* readShape(walk, draft);
    } else skipUnknownField(walk);
  }
  leave(walk, end);
}

function* readShape(walk: Walk, draft: OnnxDraft): Reading<OnnxDim[]> {
  const end = enter(walk, "shape");
  const dims: OnnxDim[] = [];
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field !== 1) {
      skipUnknownField(walk);
      continue;
    }
    if (dims.length >= draft.limits.maxDims) {
      throw overLimit(walk, `a shape of more than ${draft.limits.maxDims} dimensions`);
    }
    dims.push(yield* readDim(walk));
  }
  leave(walk, end);
  return dims;
}

/** A dim without value, with an empty name or with a negative size (some exporters write -1) is free. */
function* readDim(walk: Walk): Reading<OnnxDim> {
  const end = enter(walk, "dim");
  let dim: OnnxDim = { kind: "free", name: null };
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) {
      expectWire(walk, wireType.varint, "dim_value");
      const isNegative = walk.high >= 0x8000_0000;
      if (!isNegative && walk.value > Number.MAX_SAFE_INTEGER) {
        throw malformed(walk, "a dimension beyond 2^53");
      }
      dim = isNegative ? { kind: "free", name: null } : { kind: "fixed", size: walk.value };
    } else if (walk.field === 2) {
      const name = yield* readName(walk, "dim_param");
      dim = { kind: "free", name: name === "" ? null : name };
    } else if (walk.field === 3) skipField(walk);
    else skipUnknownField(walk);
  }
  leave(walk, end);
  return dim;
}
