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
  readPackedVarint,
  refuseRepeated,
  skipField,
  skipUnknownField,
  wireType,
  type Reading,
  type Walk,
  type WireType,
} from "./protobuf-reader.ts";
import { settleTensor, type TensorDraft, type TensorRole } from "./settle-onnx-tensor.ts";

const tensorField = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  docString: 12,
  externalData: 13,
  dataLocation: 14,
  metadata: 16,
} as const;

/** Reads the TensorProto just announced, checks that its values fit its dims, and notes where external ones come from. */
export function* readTensor(
  walk: Walk,
  draft: OnnxDraft,
  role: TensorRole,
  label: string,
): Reading<string> {
  const start = walk.fieldStart;
  const end = enter(walk, label);
  draft.tensorCount += 1;
  if (draft.tensorCount > draft.limits.maxTensors) {
    throw overLimit(walk, `more than ${draft.limits.maxTensors} tensors`, start);
  }
  const tensor: TensorDraft = {
    start,
    name: "",
    dims: [],
    type: 0,
    dataFields: new Set(),
    hasRawData: false,
    rawBytes: 0,
    exactValues: 0,
    mostValues: 0,
    stringCount: 0,
    stringBytes: 0,
    location: 0,
    external: new Map(),
  };
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    yield* readTensorField(walk, draft, tensor);
  }
  settleTensor(walk, draft, tensor, role);
  leave(walk, end);
  return tensor.name;
}

function* readTensorField(walk: Walk, draft: OnnxDraft, tensor: TensorDraft): Reading<void> {
  switch (walk.field) {
    case tensorField.dims:
      yield* readDims(walk, draft, tensor.dims);
      return;
    case tensorField.dataType:
      expectWire(walk, wireType.varint, "data_type");
      tensor.type = walk.value;
      return;
    case tensorField.name:
      tensor.name = yield* readName(walk, "tensor name");
      return;
    case tensorField.rawData:
      expectWire(walk, wireType.bytes, "raw_data");
      tensor.dataFields.add(walk.field);
      tensor.hasRawData = true;
      tensor.rawBytes = walk.payloadEnd - walk.at;
      skipField(walk);
      return;
    case tensorField.stringData:
      expectWire(walk, wireType.bytes, "string_data");
      tensor.dataFields.add(walk.field);
      tensor.stringCount += 1;
      tensor.stringBytes += walk.payloadEnd - walk.at;
      skipField(walk);
      return;
    case tensorField.floatData:
      countTyped(walk, tensor, wireType.fixed32, 4);
      return;
    case tensorField.doubleData:
      countTyped(walk, tensor, wireType.fixed64, 8);
      return;
    case tensorField.int32Data:
    case tensorField.int64Data:
    case tensorField.uint64Data:
      countTyped(walk, tensor, wireType.varint, 1);
      return;
    case tensorField.externalData:
      yield* readExternalEntry(walk, tensor);
      return;
    case tensorField.dataLocation:
      expectWire(walk, wireType.varint, "data_location");
      tensor.location = walk.value;
      return;
    case tensorField.segment:
      throw malformed(walk, "a tensor in segments, which onnxruntime does not read");
    case tensorField.docString:
    case tensorField.metadata:
      skipField(walk);
      return;
    default:
      skipUnknownField(walk);
  }
}

/** One dim, or all of them packed. */
function* readDims(walk: Walk, draft: OnnxDraft, dims: number[]): Reading<void> {
  if (walk.wire === wireType.varint) {
    addDim(walk, draft, dims, walk.value);
    return;
  }
  const end = enter(walk, "dims");
  while (walk.at < end) {
    yield* fillWindow(walk);
    addDim(walk, draft, dims, readPackedVarint(walk, end));
  }
  leave(walk, end);
}

function addDim(walk: Walk, draft: OnnxDraft, dims: number[], size: number): void {
  if (size > Number.MAX_SAFE_INTEGER) {
    throw malformed(walk, "a tensor dimension is negative or beyond 2^53");
  }
  if (dims.length >= draft.limits.maxDims) {
    throw overLimit(walk, `a tensor of more than ${draft.limits.maxDims} dimensions`);
  }
  dims.push(size);
}

/** Counts a typed data field: exactly for fixed-size values, packed or not; for varints their bytes, which bound their number. */
function countTyped(walk: Walk, tensor: TensorDraft, single: WireType, bytesEach: number): void {
  tensor.dataFields.add(walk.field);
  let values = 1;
  if (walk.wire === wireType.bytes) {
    const bytes = walk.payloadEnd - walk.at;
    if (bytes % bytesEach !== 0) {
      throw malformed(walk, `${bytes} bytes of values that take ${bytesEach} bytes each`);
    }
    values = bytes / bytesEach;
    skipField(walk);
  } else {
    expectWire(walk, single, "tensor values");
  }
  if (single === wireType.varint) tensor.mostValues += values;
  else tensor.exactValues += values;
}

/** One key and value of `external_data`: location, offset, length, checksum, basepath. */
function* readExternalEntry(walk: Walk, tensor: TensorDraft): Reading<void> {
  const end = enter(walk, "external_data");
  let key = "";
  let value = "";
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) key = yield* readName(walk, "external_data key");
    else if (walk.field === 2) value = yield* readName(walk, "external_data value");
    else skipUnknownField(walk);
  }
  if (tensor.external.has(key)) throw malformed(walk, `external_data names ${key} twice`);
  tensor.external.set(key, value);
  if (tensor.external.size > 16) throw overLimit(walk, "more than 16 external_data entries");
  leave(walk, end);
}

const sparseField = { values: 1, indices: 2, dims: 3 } as const;

/** Reads a SparseTensorProto; its name is that of its values. */
export function* readSparseTensor(
  walk: Walk,
  draft: OnnxDraft,
  role: TensorRole,
  label: string,
): Reading<string> {
  const end = enter(walk, label);
  let name = "";
  let seen = 0;
  const dims: number[] = [];
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case sparseField.values:
        seen = refuseRepeated(walk, seen, "values");
        name = yield* readTensor(walk, draft, role, "values");
        break;
      case sparseField.indices:
        seen = refuseRepeated(walk, seen, "indices");
        yield* readTensor(walk, draft, "uncounted", "indices");
        break;
      case sparseField.dims:
        yield* readDims(walk, draft, dims);
        break;
      default:
        skipUnknownField(walk);
    }
  }
  leave(walk, end);
  return name;
}
