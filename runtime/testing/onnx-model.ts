/**
 * A small writer of ONNX files, so that tests can have models that misbehave on demand: slow, endless, hungry, not finite.
 * Field numbers are those of onnx.proto3.
 */

type Bytes = readonly number[];

function varint(value: number | bigint): Bytes {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return out;
}

const int = (field: number, value: number | bigint): Bytes => [
  ...varint(field << 3),
  ...varint(value),
];
const block = (field: number, content: Bytes): Bytes => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes => block(field, [...Buffer.from(value)]);

export const elementTypes = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;
export type ElementType = keyof typeof elementTypes;

/** A size, or the name of a free dimension. */
export type Dim = number | string;
export type Value = {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dim[];
};

function valueInfo(field: number, { name, type, shape }: Value): Bytes {
  const dims = shape.flatMap((dim) =>
    block(1, typeof dim === "number" ? int(1, dim) : text(2, dim)),
  );
  const tensorType = [...int(1, elementTypes[type]), ...block(2, dims)];
  return block(field, [...text(1, name), ...block(2, block(1, tensorType))]);
}

export type Tensor = {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
};

function tensorProto(field: number, { name, type, dims, bytes }: Tensor): Bytes {
  return block(field, [
    ...dims.flatMap((dim) => int(1, dim)),
    ...int(2, elementTypes[type]),
    ...text(8, name),
    ...block(9, [...bytes]),
  ]);
}

const bytesOf = (data: Float32Array | BigInt64Array | Uint8Array) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
export const floats = (
  name: string,
  dims: readonly number[],
  values: readonly number[],
): Tensor => ({ name, type: "FP32", dims, bytes: bytesOf(Float32Array.from(values)) });
export const longs = (
  name: string,
  dims: readonly number[],
  values: readonly number[],
): Tensor => ({ name, type: "INT64", dims, bytes: bytesOf(BigInt64Array.from(values, BigInt)) });
export const bool = (name: string, value: boolean): Tensor => ({
  name,
  type: "BOOL",
  dims: [],
  bytes: Uint8Array.of(value ? 1 : 0),
});

type Attribute =
  | { readonly int: number }
  | { readonly graph: Graph }
  | { readonly tensor: Tensor }
  | { readonly ints: readonly number[] };

function attributeProto(name: string, attribute: Attribute): Bytes {
  const head = text(1, name);
  if ("int" in attribute) return block(5, [...head, ...int(3, attribute.int), ...int(20, 2)]);
  if ("graph" in attribute)
    return block(5, [...head, ...block(6, graphProto(attribute.graph)), ...int(20, 5)]);
  if ("tensor" in attribute)
    return block(5, [...head, ...tensorProto(5, attribute.tensor), ...int(20, 4)]);
  return block(5, [...head, ...attribute.ints.flatMap((value) => int(8, value)), ...int(20, 7)]);
}

export type Node = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
};

function nodeProto({ op, inputs, outputs, attributes = {} }: Node): Bytes {
  return block(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, attribute]) => attributeProto(name, attribute)),
  ]);
}

export type Graph = {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly initializers?: readonly Tensor[];
};

function graphProto({ nodes, inputs, outputs, initializers = [] }: Graph): Bytes {
  return [
    ...nodes.flatMap(nodeProto),
    ...text(2, "g"),
    ...initializers.flatMap((tensor) => tensorProto(5, tensor)),
    ...inputs.flatMap((value) => valueInfo(11, value)),
    ...outputs.flatMap((value) => valueInfo(12, value)),
  ];
}

/** The bytes of an ONNX file (IR 9, opset 19) with that graph. */
export function onnxModel(graph: Graph): Buffer {
  return Buffer.from([
    ...int(1, 9),
    ...text(2, "slipway-tests"),
    ...block(7, graphProto(graph)),
    ...block(8, [...text(1, ""), ...int(2, 19)]),
  ]);
}

/** Every value out as it came in. */
export function identityModel(type: ElementType, shape: readonly Dim[]): Buffer {
  return onnxModel({
    nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
    inputs: [{ name: "x", type, shape }],
    outputs: [{ name: "y", type, shape }],
  });
}

/**
 * A classifier of rows of 4 numbers that says who it is: `label` = 1 where the row's sum is above `threshold`, `score` = that sum times `gain`,
 * `mark` = `mark` for each row, so that an answer betrays the version it came from.
 */
export function markedModel(mark: number, threshold = 0, gain = 1): Buffer {
  return onnxModel({
    initializers: [
      floats("gain", [], [gain]),
      floats("threshold", [], [threshold]),
      floats("zero", [], [0]),
      floats("markValue", [], [mark]),
      longs("axis", [1], [1]),
    ],
    nodes: [
      {
        op: "ReduceSum",
        inputs: ["x", "axis"],
        outputs: ["sum"],
        attributes: { keepdims: { int: 0 } },
      },
      { op: "Greater", inputs: ["sum", "threshold"], outputs: ["above"] },
      {
        op: "Cast",
        inputs: ["above"],
        outputs: ["label"],
        attributes: { to: { int: elementTypes.INT64 } },
      },
      { op: "Mul", inputs: ["sum", "gain"], outputs: ["score"] },
      { op: "Mul", inputs: ["sum", "zero"], outputs: ["nothing"] },
      { op: "Add", inputs: ["nothing", "markValue"], outputs: ["mark"] },
    ],
    inputs: [{ name: "x", type: "FP32", shape: ["N", 4] }],
    outputs: [
      { name: "label", type: "INT64", shape: ["N"] },
      { name: "score", type: "FP32", shape: ["N"] },
      { name: "mark", type: "FP32", shape: ["N"] },
    ],
  });
}

/** Multiplies a 64 x 64 matrix `turns` times (an INT64 scalar input): a run as long as one likes, or without an end. */
export function spinningModel(): Buffer {
  const body: Graph = {
    nodes: [
      { op: "Identity", inputs: ["goOn"], outputs: ["goOnNext"] },
      { op: "MatMul", inputs: ["state", "identity"], outputs: ["stateNext"] },
    ],
    inputs: [
      { name: "turn", type: "INT64", shape: [] },
      { name: "goOn", type: "BOOL", shape: [] },
      { name: "state", type: "FP32", shape: [64, 64] },
    ],
    outputs: [
      { name: "goOnNext", type: "BOOL", shape: [] },
      { name: "stateNext", type: "FP32", shape: [64, 64] },
    ],
  };
  const identity = Array.from({ length: 64 * 64 }, (_, index) => (index % 65 === 0 ? 1 : 0));
  return onnxModel({
    initializers: [floats("identity", [64, 64], identity), bool("always", true)],
    nodes: [
      {
        op: "Loop",
        inputs: ["turns", "always", "identity"],
        outputs: ["final"],
        attributes: { body: { graph: body } },
      },
      {
        op: "ReduceSum",
        inputs: ["final"],
        outputs: ["trace"],
        attributes: { keepdims: { int: 0 } },
      },
    ],
    inputs: [{ name: "turns", type: "INT64", shape: [] }],
    outputs: [{ name: "trace", type: "FP32", shape: [] }],
  });
}

/** Fills `cells` numbers (an INT64 input of one value) with 1 and adds them up: as much memory as one likes. */
export function hungryModel(): Buffer {
  return onnxModel({
    nodes: [
      {
        op: "ConstantOfShape",
        inputs: ["cells"],
        outputs: ["filled"],
        attributes: { value: { tensor: floats("one", [1], [1]) } },
      },
      {
        op: "ReduceSum",
        inputs: ["filled"],
        outputs: ["sum"],
        attributes: { keepdims: { int: 0 } },
      },
    ],
    inputs: [{ name: "cells", type: "INT64", shape: [1] }],
    outputs: [{ name: "sum", type: "FP32", shape: [] }],
  });
}

/** The natural logarithm: NaN below 0, minus infinity at 0. */
export function logarithmModel(): Buffer {
  return onnxModel({
    nodes: [{ op: "Log", inputs: ["x"], outputs: ["y"] }],
    inputs: [{ name: "x", type: "FP32", shape: ["N"] }],
    outputs: [{ name: "y", type: "FP32", shape: ["N"] }],
  });
}

/** Looks up row `index` of a table of three: an index outside is a failure inside the graph. */
export function lookupModel(): Buffer {
  return onnxModel({
    initializers: [floats("table", [3], [10, 20, 30])],
    nodes: [{ op: "Gather", inputs: ["table", "index"], outputs: ["y"] }],
    inputs: [{ name: "index", type: "INT64", shape: ["N"] }],
    outputs: [{ name: "y", type: "FP32", shape: ["N"] }],
  });
}

/** Subtracts the sum of all rows from each row: what a row is answered depends on the rows beside it. */
export function batchAwareModel(): Buffer {
  return onnxModel({
    initializers: [longs("axis", [1], [0])],
    nodes: [
      {
        op: "ReduceSum",
        inputs: ["x", "axis"],
        outputs: ["total"],
        attributes: { keepdims: { int: 1 } },
      },
      { op: "Sub", inputs: ["x", "total"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", type: "FP32", shape: ["N", 2] }],
    outputs: [{ name: "y", type: "FP32", shape: ["N", 2] }],
  });
}
