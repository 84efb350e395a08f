/** Writes ONNX protobuf for tests: honest models and hostile ones. Field numbers are those of onnx-ml.proto. */

export type Bytes = Uint8Array;
const utf8 = new TextEncoder();

export function concat(parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Two's complement for negative numbers, as protobuf int64 wants. */
export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export const key = (field: number, wire: number): Bytes => varint(field * 8 + wire);
export const int = (field: number, value: number | bigint): Bytes =>
  concat([key(field, 0), varint(value)]);
export const bytes = (field: number, value: Bytes): Bytes =>
  concat([key(field, 2), varint(value.length), value]);
export const text = (field: number, value: string): Bytes => bytes(field, utf8.encode(value));
export const message = (field: number, ...parts: readonly Bytes[]): Bytes =>
  bytes(field, concat(parts));

function float32(value: number): Bytes {
  return new Uint8Array(Float32Array.of(value).buffer);
}
export const float = (field: number, value: number): Bytes =>
  concat([key(field, 5), float32(value)]);
export const floats = (values: readonly number[]): Bytes =>
  new Uint8Array(Float32Array.from(values).buffer);

export type TensorSpec = {
  name?: string;
  dims?: readonly (number | bigint)[];
  type?: number;
  raw?: Bytes;
  external?: Readonly<Record<string, string>>;
  location?: number;
  extra?: readonly Bytes[];
};

/** Body of a TensorProto. */
export function tensor(spec: TensorSpec): Bytes {
  return concat([
    ...(spec.dims ?? []).map((dim) => int(1, dim)),
    int(2, spec.type ?? 1),
    ...(spec.name === undefined ? [] : [text(8, spec.name)]),
    ...(spec.raw === undefined ? [] : [bytes(9, spec.raw)]),
    ...Object.entries(spec.external ?? {}).map(([k, v]) => message(13, text(1, k), text(2, v))),
    ...(spec.location === undefined ? [] : [int(14, spec.location)]),
    ...(spec.extra ?? []),
  ]);
}

/** Body of a ValueInfoProto of a tensor; a string dim is symbolic, null is free without a name. */
export function value(
  name: string,
  elementType: number,
  dims: readonly (number | string | null)[] | null,
): Bytes {
  const shape =
    dims === null
      ? []
      : [
          message(
            2,
            ...dims.map((dim) =>
              message(
                1,
                ...(dim === null ? [] : [typeof dim === "number" ? int(1, dim) : text(2, dim)]),
              ),
            ),
          ),
        ];
  return concat([text(1, name), message(2, message(1, int(1, elementType), ...shape))]);
}

/** Body of an AttributeProto; `fields` carry the value. */
export const attribute = (name: string, type: number, ...fields: readonly Bytes[]): Bytes =>
  concat([text(1, name), ...fields, int(20, type)]);

export type NodeSpec = {
  op: string;
  domain?: string;
  inputs?: readonly string[];
  outputs?: readonly string[];
  attributes?: readonly Bytes[];
};

/** Body of a NodeProto. */
export function node(spec: NodeSpec): Bytes {
  return concat([
    ...(spec.inputs ?? []).map((name) => text(1, name)),
    ...(spec.outputs ?? []).map((name) => text(2, name)),
    text(4, spec.op),
    ...(spec.attributes ?? []).map((body) => bytes(5, body)),
    ...(spec.domain === undefined ? [] : [text(7, spec.domain)]),
  ]);
}

export type GraphSpec = {
  name?: string;
  nodes?: readonly Bytes[];
  initialisers?: readonly Bytes[];
  sparse?: readonly Bytes[];
  inputs?: readonly Bytes[];
  outputs?: readonly Bytes[];
  extra?: readonly Bytes[];
};

/** Body of a GraphProto. */
export function graph(spec: GraphSpec): Bytes {
  return concat([
    ...(spec.nodes ?? []).map((body) => bytes(1, body)),
    text(2, spec.name ?? "g"),
    ...(spec.initialisers ?? []).map((body) => bytes(5, body)),
    ...(spec.inputs ?? []).map((body) => bytes(11, body)),
    ...(spec.outputs ?? []).map((body) => bytes(12, body)),
    ...(spec.sparse ?? []).map((body) => bytes(15, body)),
    ...(spec.extra ?? []),
  ]);
}

export type ModelSpec = {
  irVersion?: number | bigint;
  opsets?: readonly (readonly [string, number | bigint])[];
  producer?: readonly [string, string];
  metadata?: Readonly<Record<string, string>>;
  graph: Bytes;
  functions?: readonly Bytes[];
  extra?: readonly Bytes[];
};

/** A whole file. */
export function model(spec: ModelSpec): Bytes {
  return concat([
    int(1, spec.irVersion ?? 10),
    ...(spec.producer === undefined ? [] : [text(2, spec.producer[0]), text(3, spec.producer[1])]),
    bytes(7, spec.graph),
    ...(spec.opsets ?? [["", 21] as const]).map(([domain, version]) =>
      message(8, ...(domain === "" ? [] : [text(1, domain)]), int(2, version)),
    ),
    ...Object.entries(spec.metadata ?? {}).map(([k, v]) => message(14, text(1, k), text(2, v))),
    ...(spec.functions ?? []).map((body) => bytes(25, body)),
    ...(spec.extra ?? []),
  ]);
}

/** y = x @ W + b over `columns` features: a model that onnxruntime loads and runs. */
export function linearModel(columns = 3, spec: Partial<ModelSpec> = {}): Bytes {
  const weights = floats(Array.from({ length: columns * 2 }, (_, i) => i / 10));
  return model({
    producer: ["slipway-test", "1.0"],
    ...spec,
    graph:
      spec.graph ??
      graph({
        name: "linear",
        nodes: [node({ op: "Gemm", inputs: ["x", "w", "b"], outputs: ["y"] })],
        initialisers: [
          tensor({ name: "w", dims: [columns, 2], raw: weights }),
          tensor({ name: "b", dims: [2], raw: floats([0.5, -0.5]) }),
        ],
        inputs: [value("x", 1, ["N", columns])],
        outputs: [value("y", 1, ["N", 2])],
      }),
  });
}
