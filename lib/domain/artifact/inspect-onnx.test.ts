import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { artifactInspection, finding } from "#lib/contracts/artifact.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { deriveSignature, findLabelOutput } from "./derive-signature.ts";
import { inspectOnnxBytes } from "./inspect-onnx.ts";
import * as onnx from "./onnx-builder.fixture.ts";
import type { Finding, InspectionResult, OnnxInspection } from "./types.ts";

const examples = new URL("../../../examples/", import.meta.url);

function inspected(result: InspectionResult): {
  inspection: OnnxInspection;
  findings: readonly Finding[];
} {
  if (!result.ok) throw new Error(result.refusal.message);
  return result;
}

const inspect = (bytes: Uint8Array, ...external: [string, number][]) =>
  inspected(
    inspectOnnxBytes(bytes, {
      externalFiles: external.map(([name, sizeBytes]) => ({ name, sizeBytes })),
    }),
  );
const codes = (bytes: Uint8Array, ...external: [string, number][]): string[] =>
  inspect(bytes, ...external)
    .findings.filter((found) => found.severity !== "passed")
    .map((found) => `${found.severity} ${found.code}`);

const identity = (input: Uint8Array, output: Uint8Array, more: Partial<onnx.GraphSpec> = {}) =>
  onnx.graph({
    nodes: [onnx.node({ op: "Identity", inputs: ["x"], outputs: ["y"] })],
    inputs: [input],
    outputs: [output],
    ...more,
  });
const vector = (name: string) => onnx.value(name, 1, ["N", 2]);
const weights = (spec: onnx.TensorSpec): Uint8Array =>
  onnx.model({ graph: identity(vector("x"), vector("y"), { initialisers: [onnx.tensor(spec)] }) });

test("a linear model is read whole", () => {
  const { inspection, findings } = inspect(
    onnx.linearModel(3, {
      metadata: { "slipway.features": '["a","b","c"]', source: "run 7" },
      extra: [onnx.int(5, -1), onnx.text(6, "About"), onnx.text(4, "org.example")],
    }),
  );
  expect(inspection).toEqual({
    format: "onnx",
    sizeBytes: inspection.sizeBytes,
    irVersion: 10,
    opsets: [{ domain: "ai.onnx", version: 21 }],
    producerName: "slipway-test",
    producerVersion: "1.0",
    domain: "org.example",
    modelVersion: "-1",
    docString: "About",
    graphName: "linear",
    metadata: [
      { key: "slipway.features", value: '["a","b","c"]' },
      { key: "source", value: "run 7" },
    ],
    inputs: [
      {
        name: "x",
        kind: "tensor",
        elementType: "float32",
        dims: [
          { kind: "free", name: "N" },
          { kind: "fixed", size: 3 },
        ],
      },
    ],
    outputs: [
      {
        name: "y",
        kind: "tensor",
        elementType: "float32",
        dims: [
          { kind: "free", name: "N" },
          { kind: "fixed", size: 2 },
        ],
      },
    ],
    operators: [{ domain: "ai.onnx", operator: "Gemm", count: 1 }],
    nodeCount: 1,
    functionCount: 0,
    parameterCount: 8,
    parametersByType: [{ elementType: "float32", count: 8 }],
    attributeNumberCount: 0,
    initialiserBytes: 32,
    externalFiles: [],
    features: { x: ["a", "b", "c"] },
  });
  expect(findings.map((found) => found.severity)).toEqual(["passed", "passed"]);
});

test("what is read parses as what crosses the wire", () => {
  const { inspection, findings } = inspect(onnx.linearModel());
  expect(artifactInspection.parse(inspection)).toEqual(inspection);
  for (const found of findings) expect(finding.parse(found)).toEqual(found);
  expect(modelSignature.parse(deriveSignature(inspection))).toEqual(deriveSignature(inspection));
});

test("every example model is read without a blocking finding, and its signature and label output are plain", () => {
  const files = readdirSync(examples, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".onnx"),
  );
  expect(files.length).toBeGreaterThanOrEqual(9);
  for (const path of files) {
    const { inspection, findings } = inspect(readFileSync(new URL(path, examples)));
    expect(
      findings.filter((found) => found.severity === "block"),
      path,
    ).toEqual([]);
    expect(artifactInspection.safeParse(inspection).error, path).toBeUndefined();
    const signature = deriveSignature(inspection);
    expect(signature, path).not.toBeNull();
    if (signature) expect(findLabelOutput(signature, inspection.metadata), path).toBe("label");
  }
});

test("an initialiser listed among the inputs, as old files do, is not an input", () => {
  const { inspection } = inspect(
    onnx.model({
      graph: identity(vector("x"), vector("y"), {
        inputs: [vector("x"), onnx.value("w", 1, [2])],
        initialisers: [onnx.tensor({ name: "w", dims: [2], raw: onnx.floats([1, 2]) })],
      }),
    }),
  );
  expect(inspection.inputs.map((input) => input.name)).toEqual(["x"]);
});

test("operators and weights inside subgraphs and functions are counted", () => {
  const inner = onnx.graph({
    nodes: [onnx.node({ op: "Add" }), onnx.node({ op: "Add" })],
    initialisers: [onnx.tensor({ name: "c", dims: [4], type: 7, raw: new Uint8Array(32) })],
  });
  const branch = onnx.attribute("then_branch", 5, onnx.bytes(6, inner));
  const body = onnx.concat([
    onnx.text(1, "Twice"),
    onnx.bytes(7, onnx.node({ op: "Add" })),
    onnx.text(10, "my.own"),
  ]);
  const { inspection, findings } = inspect(
    onnx.model({
      opsets: [
        ["", 21],
        ["my.own", 1],
      ],
      graph: onnx.graph({
        nodes: [
          onnx.node({ op: "If", attributes: [branch] }),
          onnx.node({ op: "Twice", domain: "my.own" }),
        ],
        inputs: [vector("x")],
        outputs: [vector("y")],
      }),
      functions: [body],
    }),
  );
  expect(inspection.operators).toEqual([
    { domain: "ai.onnx", operator: "Add", count: 3 },
    { domain: "ai.onnx", operator: "If", count: 1 },
    { domain: "my.own", operator: "Twice", count: 1 },
  ]);
  expect(inspection.nodeCount).toBe(5);
  expect(inspection.parametersByType).toEqual([{ elementType: "int64", count: 4 }]);
  expect(findings.map((found) => found.code)).toContain("model_functions");
  expect(findings.some((found) => found.severity === "block")).toBe(false);
});

test("numbers in attributes are counted, packed or one by one", () => {
  const attributes = [
    onnx.attribute("a", 6, onnx.float(7, 1), onnx.float(7, 2)),
    onnx.attribute("b", 6, onnx.bytes(7, onnx.floats([1, 2, 3]))),
    onnx.attribute("c", 7, onnx.int(8, 5), onnx.int(8, -5)),
    onnx.attribute("d", 7, onnx.bytes(8, onnx.concat([onnx.varint(300), onnx.varint(-1)]))),
    onnx.attribute("e", 4, onnx.bytes(5, onnx.tensor({ dims: [2], raw: onnx.floats([1, 2]) }))),
  ];
  const { inspection } = inspect(
    onnx.model({
      graph: identity(vector("x"), vector("y"), {
        nodes: [onnx.node({ op: "Identity", attributes })],
      }),
    }),
  );
  expect(inspection.attributeNumberCount).toBe(2 + 3 + 2 + 2 + 2);
  expect(inspection.parameterCount).toBe(0);
});

test("a custom operator blocks, unless the file defines it itself", () => {
  const custom = (functions: readonly Uint8Array[]) =>
    onnx.model({
      opsets: [
        ["", 21],
        ["acme", 1],
      ],
      graph: identity(vector("x"), vector("y"), {
        nodes: [onnx.node({ op: "Magic", domain: "acme" })],
      }),
      functions,
    });
  expect(codes(custom([]))).toEqual(["block operator_custom"]);
  const own = onnx.concat([onnx.text(1, "Magic"), onnx.text(10, "acme")]);
  expect(codes(custom([own]))).toEqual(["note model_functions"]);
  expect(
    codes(
      onnx.linearModel(3, {
        opsets: [
          ["", 21],
          ["unused.domain", 1],
        ],
      }),
    ),
  ).toEqual([]);
});

test("what onnxruntime is too old or too new for is said with both numbers", () => {
  expect(codes(onnx.linearModel(3, { irVersion: 14 }))).toEqual(["block ir_too_new"]);
  expect(codes(onnx.linearModel(3, { opsets: [["", 27]] }))).toEqual(["block opset_too_new"]);
  expect(
    codes(
      onnx.linearModel(3, {
        opsets: [
          ["", 21],
          ["ai.onnx.ml", 6],
        ],
      }),
    ),
  ).toEqual(["block opset_too_new"]);
  expect(codes(onnx.linearModel(3, { opsets: [["", 6]] }))).toEqual(["warn opset_old"]);
  expect(codes(onnx.linearModel(3, { opsets: [] }))).toEqual(["block opset_missing"]);
  const [found] = inspect(onnx.linearModel(3, { opsets: [["", 27]] })).findings;
  expect(found?.message).toBe(
    "The model uses ai.onnx 27; the bundled onnxruntime 1.30 knows up to 26.",
  );
});

test("the default domain counts once however it is spelt, and two versions of it are refused", () => {
  expect(
    inspect(
      onnx.linearModel(3, {
        opsets: [
          ["", 21],
          ["ai.onnx", 21],
        ],
      }),
    ).inspection.opsets,
  ).toEqual([{ domain: "ai.onnx", version: 21 }]);
  const twice = inspectOnnxBytes(
    onnx.linearModel(3, {
      opsets: [
        ["", 13],
        ["ai.onnx", 5],
      ],
    }),
  );
  expect(!twice.ok && twice.refusal.message).toContain("names ai.onnx as 13 and as 5");
});

test("a ZipMap output blocks and says how to export without it", () => {
  const map = onnx.message(5, onnx.int(1, 7), onnx.message(2, onnx.message(1, onnx.int(1, 1))));
  const sequence = onnx.concat([
    onnx.text(1, "y"),
    onnx.message(2, onnx.message(4, onnx.message(1, map))),
  ]);
  const { inspection, findings } = inspect(onnx.model({ graph: identity(vector("x"), sequence) }));
  expect(inspection.outputs[0]).toEqual({
    name: "y",
    kind: "sequence",
    elementType: null,
    dims: null,
  });
  expect(findings[0]).toMatchObject({
    code: "output_not_tensor",
    severity: "block",
    title: "ZipMap is on",
  });
  expect(findings[0]?.hint).toContain('options={"zipmap": False}');
  expect(deriveSignature(inspection)).toBeNull();
});

test("element types that requests cannot carry block; the same types as weights do not", () => {
  for (const type of [0, 14, 15, 16, 17, 21, 22, 26]) {
    expect(codes(onnx.model({ graph: identity(onnx.value("x", type, [2]), vector("y")) }))).toEqual(
      ["block element_type_unsupported"],
    );
  }
  expect(codes(weights({ name: "w", dims: [3], type: 16, raw: new Uint8Array(6) }))).toEqual([]);
  expect(codes(weights({ name: "w", dims: [3], type: 22, raw: new Uint8Array(2) }))).toEqual([]);
});

test("inputs need a shape, outputs do not", () => {
  expect(codes(onnx.model({ graph: identity(onnx.value("x", 1, null), vector("y")) }))).toEqual([
    "block input_shape_missing",
  ]);
  const { inspection } = inspect(
    onnx.model({ graph: identity(vector("x"), onnx.value("y", 1, null)) }),
  );
  expect(deriveSignature(inspection)?.outputs).toEqual([
    { name: "y", datatype: "FP32", shape: [-1], dimNames: [null] },
  ]);
});

test("a signature has -1 and the name for a free size, also where the file says -1", () => {
  const { inspection } = inspect(
    onnx.model({ graph: identity(onnx.value("x", 8, [-1, "W", null, 0, 5]), vector("y")) }),
  );
  expect(deriveSignature(inspection)?.inputs).toEqual([
    {
      name: "x",
      datatype: "BYTES",
      shape: [-1, -1, -1, 0, 5],
      dimNames: [null, "W", null, null, null],
    },
  ]);
});

test("no input, no output and repeated names block", () => {
  expect(codes(onnx.model({ graph: onnx.graph({}) }))).toEqual([
    "block no_inputs",
    "block no_outputs",
  ]);
  const twice = identity(vector("x"), vector("y"), { inputs: [vector("x"), vector("x")] });
  expect(codes(onnx.model({ graph: twice }))).toEqual(["block name_repeated"]);
  expect(codes(onnx.model({ graph: identity(vector(""), vector("y")) }))).toEqual([
    "block name_unusable",
  ]);
});

test("OneHotEncoder that answers unknown categories with zeros is noted", () => {
  const encoder = (zeros: number) =>
    onnx.model({
      opsets: [
        ["", 21],
        ["ai.onnx.ml", 3],
      ],
      graph: identity(vector("x"), vector("y"), {
        nodes: [
          onnx.node({
            op: "OneHotEncoder",
            domain: "ai.onnx.ml",
            attributes: [onnx.attribute("zeros", 2, onnx.int(3, zeros))],
          }),
        ],
      }),
    });
  expect(codes(encoder(1))).toEqual(["note unknown_category_zeros"]);
  expect(codes(encoder(0))).toEqual([]);
});

test("feature names that do not fit are left out with the reason", () => {
  const warned = (text: string) => {
    const { inspection, findings } = inspect(
      onnx.linearModel(3, { metadata: { "slipway.features": text } }),
    );
    expect(inspection.features).toBeNull();
    return findings.find((found) => found.code === "features_unusable")?.message;
  };
  expect(warned("a,b,c")).toContain("it is not JSON");
  expect(warned('["a","b"]')).toContain("it names 2 columns and no input has that many");
  expect(warned('{"z":["a","b","c"]}')).toContain("there is no input z");
  expect(warned('{"x":["a","b"]}')).toContain("x has 3 columns and 2 names");
  expect(warned('{"x":["a","b","b"]}')).toContain("x has the same name twice");
  expect(warned('{"x":["a","b",3]}')).toContain("the entry of x is not a list of names");
  const named = onnx.linearModel(3, { metadata: { "slipway.features": '{"x":["a","b","c"]}' } });
  expect(inspect(named).inspection.features).toEqual({ x: ["a", "b", "c"] });
});

test("external data is taken from a file that came with the model, and nothing else", () => {
  const external = (location: string, more: Record<string, string> = {}) =>
    weights({ name: "w", dims: [4], external: { location, ...more }, location: 1 });
  const { inspection } = inspect(external("weights.bin", { offset: "8", length: "16" }), [
    "weights.bin",
    24,
  ]);
  expect(inspection.externalFiles).toEqual([{ name: "weights.bin", tensors: 1, usedBytes: 24 }]);
  expect(inspection.initialiserBytes).toBe(16);
  expect(codes(external("weights.bin"), ["weights.bin", 16])).toEqual(["note external_data"]);
  expect(codes(external("weights.bin", { offset: "8" }), ["weights.bin", 23])).toEqual([
    "block external_file_short",
    "note external_data",
  ]);
  expect(codes(external("weights.bin"), ["other.bin", 16])).toEqual([
    "block external_file_missing",
    "warn external_file_unused",
  ]);
});

test("a large text is cut for show while feature names are read whole", () => {
  const names = Array.from({ length: 900 }, (_, i) => `column_${i}`);
  const { inspection } = inspect(
    onnx.linearModel(900, {
      metadata: { "slipway.features": JSON.stringify(names) },
      extra: [onnx.text(6, "d".repeat(9000))],
    }),
  );
  expect(inspection.features).toEqual({ x: names });
  expect(inspection.metadata[0]?.value).toHaveLength(4096);
  expect(inspection.docString).toHaveLength(4096);
});
