import { onnxElementType, type OnnxElementType } from "./onnx-element-types.ts";
import type { OnnxDraft } from "./onnx-draft.ts";
import { malformed, overLimit, type Walk } from "./protobuf-reader.ts";

/** What a tensor is counted as: a weight of the model, a number in an operator, or neither (sparse indices, training graphs). */
export type TensorRole = "initialiser" | "attribute" | "uncounted";

/** A TensorProto as it was read, before it is checked as a whole. */
export type TensorDraft = {
  start: number;
  name: string;
  dims: number[];
  type: number;
  /** Numbers of the data fields that came. */
  dataFields: Set<number>;
  hasRawData: boolean;
  rawBytes: number;
  /** Values in typed fields: exact for fixed-size ones, for varints an upper bound (bytes). */
  exactValues: number;
  mostValues: number;
  stringCount: number;
  stringBytes: number;
  location: number;
  external: Map<string, string>;
};

/** Checks a tensor that has been read to its end and adds it to the draft. */
export function settleTensor(
  walk: Walk,
  draft: OnnxDraft,
  tensor: TensorDraft,
  role: TensorRole,
): void {
  const isExternal = tensor.external.size > 0 || tensor.location !== 0;
  if (tensor.type === 0 && tensor.dataFields.size === 0 && !isExternal) return;
  const elementType = onnxElementType(tensor.type);
  if (elementType === null) {
    throw malformed(
      walk,
      `tensor ${quoted(tensor.name)} has element type ${tensor.type}, which ONNX does not define`,
      tensor.start,
    );
  }
  const elements = elementsOf(walk, tensor);
  const bytes =
    elementType.bits === null ? tensor.stringBytes : Math.ceil((elements * elementType.bits) / 8);
  if (isExternal) noteExternal(walk, draft, tensor, elementType, bytes);
  else checkValues(walk, tensor, elementType, elements, bytes);
  count(walk, draft, role, elementType, elements, bytes);
}

function elementsOf(walk: Walk, tensor: TensorDraft): number {
  let elements = 1;
  for (const dim of tensor.dims) elements *= dim;
  // 128 bits is the widest element, so that byte counts stay exact too.
  if (elements > Number.MAX_SAFE_INTEGER / 128) {
    throw malformed(
      walk,
      `tensor ${quoted(tensor.name)} declares ${tensor.dims.join(" x ")} values, more than any machine holds`,
      tensor.start,
    );
  }
  return elements;
}

/** Values inside the file must be as many as the dims say. */
function checkValues(
  walk: Walk,
  tensor: TensorDraft,
  elementType: OnnxElementType,
  elements: number,
  bytes: number,
): void {
  const name = quoted(tensor.name);
  const declared = `tensor ${name} declares ${elements} ${elementType.name} values`;
  if (tensor.dataFields.size > 1) {
    throw malformed(
      walk,
      `tensor ${name} carries its values in ${tensor.dataFields.size} fields at once`,
      tensor.start,
    );
  }
  if (tensor.hasRawData) {
    if (elementType.bits === null || tensor.rawBytes !== bytes) {
      throw malformed(
        walk,
        `${declared} (${bytes} bytes) but carries ${tensor.rawBytes} bytes`,
        tensor.start,
      );
    }
    return;
  }
  if (elementType.bits === null) {
    if (tensor.stringCount !== elements) {
      throw malformed(walk, `${declared} but carries ${tensor.stringCount}`, tensor.start);
    }
    return;
  }
  const perElement = elementType.name.startsWith("complex") ? 2 : 1;
  const isShort = tensor.exactValues + tensor.mostValues < elements * perElement;
  const isLong = tensor.mostValues === 0 && tensor.exactValues > elements * perElement;
  // Elements under a byte are packed several to a value, in ways that differ by type: onnxruntime checks those.
  if (elementType.bits >= 8 && (isShort || isLong)) {
    const carried =
      tensor.mostValues === 0 ? `${tensor.exactValues}` : `at most ${tensor.mostValues}`;
    throw malformed(walk, `${declared} but carries ${carried}`, tensor.start);
  }
}

/** Offsets and lengths are decimal texts in the file. */
function decimal(walk: Walk, tensor: TensorDraft, key: string): number | null {
  const text = tensor.external.get(key);
  if (text === undefined || text === "") return null;
  const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (number > Number.MAX_SAFE_INTEGER) {
    throw malformed(
      walk,
      `tensor ${quoted(tensor.name)} has external ${key} ${quoted(text)}, not a number of bytes`,
      tensor.start,
    );
  }
  return number;
}

function noteExternal(
  walk: Walk,
  draft: OnnxDraft,
  tensor: TensorDraft,
  elementType: OnnxElementType,
  bytes: number,
): void {
  const name = quoted(tensor.name);
  const location = tensor.external.get("location");
  if (tensor.location > 1) {
    throw malformed(
      walk,
      `tensor ${name} has data_location ${tensor.location}, which ONNX does not define`,
      tensor.start,
    );
  }
  if (location === undefined) {
    throw malformed(
      walk,
      `tensor ${name} is stored outside the file but names no file`,
      tensor.start,
    );
  }
  if (tensor.dataFields.size > 0) {
    throw malformed(
      walk,
      `tensor ${name} carries values and names an external file as well`,
      tensor.start,
    );
  }
  if (elementType.bits === null) {
    throw malformed(
      walk,
      `tensor ${name} holds strings outside the file, which ONNX does not allow`,
      tensor.start,
    );
  }
  const offset = decimal(walk, tensor, "offset") ?? 0;
  const length = decimal(walk, tensor, "length");
  if (length !== null && length !== bytes) {
    throw malformed(
      walk,
      `tensor ${name} needs ${bytes} bytes but names ${length} of its external file`,
      tensor.start,
    );
  }
  const known = draft.externals.get(location);
  if (known === undefined && draft.externals.size >= draft.limits.maxEntries) {
    throw overLimit(walk, `more than ${draft.limits.maxEntries} external files`, tensor.start);
  }
  draft.externals.set(location, {
    tensors: (known?.tensors ?? 0) + 1,
    endBytes: Math.max(known?.endBytes ?? 0, offset + bytes),
  });
}

function count(
  walk: Walk,
  draft: OnnxDraft,
  role: TensorRole,
  elementType: OnnxElementType,
  elements: number,
  bytes: number,
): void {
  if (role === "uncounted") return;
  if (role === "attribute") {
    draft.attributeNumberCount += elements;
  } else {
    draft.parameterCount += elements;
    draft.initialiserBytes += bytes;
    draft.parametersByType.set(
      elementType.name,
      (draft.parametersByType.get(elementType.name) ?? 0) + elements,
    );
  }
  if (
    Math.max(draft.parameterCount, draft.initialiserBytes, draft.attributeNumberCount) >
    Number.MAX_SAFE_INTEGER
  ) {
    throw malformed(walk, "the tensors together declare more than 2^53 values");
  }
}

/** A name from the file in a message: shortened, line breaks and quotes made visible. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77).toWellFormed()}...` : name);
}
