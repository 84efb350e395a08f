import type { OipDatatype } from "./types.ts";

/** TensorProto.DataType of ONNX 1.22: name, bits per value (null = no fixed size), and the OIP datatype that onnxruntime-node can carry. */
export type OnnxElementType = {
  readonly name: string;
  readonly bits: number | null;
  readonly datatype: OipDatatype | null;
};

const type = (
  name: string,
  bits: number | null,
  datatype: OipDatatype | null = null,
): OnnxElementType => ({ name, bits, datatype });

/** Index = the number in the file. Bound to onnxruntime-node 1.30, which was asked for each of them. */
const elementTypes: readonly (OnnxElementType | null)[] = [
  null,
  type("float32", 32, "FP32"),
  type("uint8", 8, "UINT8"),
  type("int8", 8, "INT8"),
  type("uint16", 16, "UINT16"),
  type("int16", 16, "INT16"),
  type("int32", 32, "INT32"),
  type("int64", 64, "INT64"),
  type("string", null, "BYTES"),
  type("bool", 8, "BOOL"),
  type("float16", 16, "FP16"),
  type("float64", 64, "FP64"),
  type("uint32", 32, "UINT32"),
  type("uint64", 64, "UINT64"),
  type("complex64", 64),
  type("complex128", 128),
  type("bfloat16", 16),
  type("float8e4m3fn", 8),
  type("float8e4m3fnuz", 8),
  type("float8e5m2", 8),
  type("float8e5m2fnuz", 8),
  type("uint4", 4),
  type("int4", 4),
  type("float4e2m1", 4),
  type("float8e8m0", 8),
  type("uint2", 2),
  type("int2", 2),
];

/** The element type with this number, or null when ONNX defines none. */
export function onnxElementType(code: number): OnnxElementType | null {
  return elementTypes[code] ?? null;
}

/** OIP datatype of an element type by name; null when the bundled runtime cannot pass such tensors. */
export function datatypeOfElement(name: string): OipDatatype | null {
  return elementTypes.find((candidate) => candidate?.name === name)?.datatype ?? null;
}
