import type { OipDatatype } from "../types.ts";

/** tensorflow/core/framework/types.proto. 100 and up are the old reference types. */
const names: Readonly<Record<number, string>> = {
  1: "float", 2: "double", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64", 10: "bool",
  11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16", 17: "uint16", 18: "complex128", 19: "half",
  20: "resource", 21: "variant", 22: "uint32", 23: "uint64", 24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4",
};

export const tensorflowType = (number: number): string => names[number > 100 ? number - 100 : number] ?? `type ${number}`;

const datatypes: Readonly<Record<string, OipDatatype>> = {
  float: "FP32", double: "FP64", half: "FP16", int8: "INT8", int16: "INT16", int32: "INT32", int64: "INT64",
  uint8: "UINT8", uint16: "UINT16", uint32: "UINT32", uint64: "UINT64", bool: "BOOL", string: "BYTES",
};

export const datatypeOfTensorflow = (name: string): OipDatatype | null => datatypes[name] ?? null;
