import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inspectOnnx, inspectOnnxBytes } from "./inspect-onnx.ts";
import * as onnx from "./onnx-builder.fixture.ts";
import type { ByteSource, InspectionResult } from "./types.ts";

const vector = (name: string) => onnx.value(name, 1, ["N", 2]);
const withGraph = (more: Partial<onnx.GraphSpec>): Uint8Array =>
  onnx.model({
    graph: onnx.graph({
      inputs: [vector("x")],
      outputs: [vector("y")],
      nodes: [onnx.node({ op: "Identity" })],
      ...more,
    }),
  });
const weights = (spec: onnx.TensorSpec): Uint8Array =>
  withGraph({ initialisers: [onnx.tensor(spec)] });

const refusal = (result: InspectionResult) => {
  expect(result.ok).toBe(false);
  if (result.ok) throw new Error("it was read");
  return result.refusal;
};
const refused = (bytes: Uint8Array) => refusal(inspectOnnxBytes(bytes));

function blocked(bytes: Uint8Array): readonly string[] {
  const result = inspectOnnxBytes(bytes, {
    externalFiles: [{ name: "weights.bin", sizeBytes: 1000 }],
  });
  if (!result.ok) return [result.refusal.code];
  return result.findings.filter((found) => found.severity === "block").map((found) => found.code);
}

test("external data outside the upload is blocked however its place is written", () => {
  const places = [
    "../weights.bin",
    "/etc/passwd",
    "a/weights.bin",
    "a\\weights.bin",
    "..",
    ".",
    "",
    "C:weights.bin",
    "C:\\weights.bin",
    "./weights.bin",
    "weights.bin/",
    "~/weights.bin",
    "file:weights.bin",
    ".hidden",
    "*/_ORT_MEM_ADDR_/*",
    "weights\u2024bin",
    "wei\nghts.bin",
    "a".repeat(129),
    "\u202eweights.bin",
  ];
  for (const location of places) {
    const bytes = weights({ name: "w", dims: [1], external: { location }, location: 1 });
    expect(blocked(bytes), JSON.stringify(location)).toEqual(["external_location_unsafe"]);
  }
});

test("a NUL in a name is refused before it can end the name for somebody else", () => {
  const bytes = weights({
    name: "w",
    dims: [1],
    external: { location: "weights.bin\0.txt" },
    location: 1,
  });
  expect(refused(bytes).message).toContain("external_data value contains a NUL character");
});

test("an external tensor is found wherever a tensor can hide", () => {
  const outside = onnx.tensor({
    name: "w",
    dims: [1],
    external: { location: "../x" },
    location: 1,
  });
  const attribute = (field: number, type: number) =>
    withGraph({
      nodes: [
        onnx.node({
          op: "Constant",
          attributes: [onnx.attribute("value", type, onnx.bytes(field, outside))],
        }),
      ],
    });
  const inGraph = onnx.graph({ initialisers: [outside] });
  const inBranch = (field: number) =>
    withGraph({
      nodes: [
        onnx.node({ op: "If", attributes: [onnx.attribute("b", 5, onnx.bytes(field, inGraph))] }),
      ],
    });
  const constant = onnx.node({
    op: "Constant",
    attributes: [onnx.attribute("value", 4, onnx.bytes(5, outside))],
  });
  let nested = onnx.graph({ nodes: [constant] });
  for (let depth = 0; depth < 20; depth += 1) {
    nested = onnx.graph({
      nodes: [onnx.node({ op: "If", attributes: [onnx.attribute("b", 5, onnx.bytes(6, nested))] })],
    });
  }
  const sparse = onnx.concat([
    onnx.bytes(1, outside),
    onnx.bytes(2, onnx.tensor({ dims: [1], type: 7, raw: new Uint8Array(8) })),
  ]);
  const sparseIndices = onnx.concat([
    onnx.bytes(1, onnx.tensor({ dims: [1], raw: onnx.floats([1]) })),
    onnx.bytes(2, outside),
  ]);
  const places: Record<string, Uint8Array> = {
    initialiser: withGraph({ initialisers: [outside] }),
    "attribute t": attribute(5, 4),
    "attribute tensors": attribute(10, 9),
    "attribute sparse": withGraph({
      nodes: [
        onnx.node({
          op: "Constant",
          attributes: [onnx.attribute("sparse_value", 11, onnx.bytes(22, sparse))],
        }),
      ],
    }),
    "sparse initialiser values": withGraph({ sparse: [sparse] }),
    "sparse initialiser indices": withGraph({ sparse: [sparseIndices] }),
    "subgraph g": inBranch(6),
    "subgraph graphs": inBranch(11),
    "twenty subgraphs down": onnx.model({ graph: nested }),
    "function body": onnx.model({
      graph: onnx.graph({}),
      functions: [onnx.concat([onnx.text(1, "F"), onnx.bytes(7, constant)])],
    }),
    "function default": onnx.model({
      graph: onnx.graph({}),
      functions: [
        onnx.concat([
          onnx.text(1, "F"),
          onnx.bytes(11, onnx.attribute("value", 4, onnx.bytes(5, outside))),
        ]),
      ],
    }),
    "training graph": onnx.linearModel(3, { extra: [onnx.message(20, onnx.bytes(2, inGraph))] }),
    "initialisation graph": onnx.linearModel(3, {
      extra: [onnx.message(20, onnx.bytes(1, inGraph))],
    }),
    "without the external mark": withGraph({
      initialisers: [onnx.tensor({ name: "w", dims: [1], external: { location: "../x" } })],
    }),
  };
  for (const [place, bytes] of Object.entries(places)) {
    expect(blocked(bytes), place).toContain("external_location_unsafe");
  }
});

test("external data that contradicts itself is refused", () => {
  const cases: Record<string, onnx.TensorSpec> = {
    "names no file": { dims: [1], location: 1 },
    "which ONNX does not define": { dims: [1], external: { location: "weights.bin" }, location: 2 },
    "not a number of bytes": {
      dims: [1],
      external: { location: "weights.bin", offset: "-4" },
      location: 1,
    },
    "needs 4 bytes but names 8": {
      dims: [1],
      external: { location: "weights.bin", length: "8" },
      location: 1,
    },
    "carries values and names an external file": {
      dims: [1],
      raw: onnx.floats([1]),
      external: { location: "weights.bin" },
      location: 1,
    },
    "holds strings outside": {
      dims: [1],
      type: 8,
      external: { location: "weights.bin" },
      location: 1,
    },
  };
  for (const [words, spec] of Object.entries(cases)) {
    expect(refused(weights(spec)).message).toContain(words);
  }
  const twice = onnx.tensor({
    dims: [1],
    location: 1,
    extra: ["weights.bin", "../x"].map((place) =>
      onnx.message(13, onnx.text(1, "location"), onnx.text(2, place)),
    ),
  });
  expect(refused(withGraph({ initialisers: [twice] })).message).toContain(
    "external_data names location twice",
  );
});

test("dims that overflow, go negative or disagree with the values are refused", () => {
  const cases: Record<string, onnx.TensorSpec> = {
    "more than any machine holds": { dims: [2 ** 31, 2 ** 31, 2 ** 31], raw: new Uint8Array(4) },
    "negative or beyond 2^53": { dims: [-1], raw: new Uint8Array(4) },
    "(12 bytes) but carries 8 bytes": { dims: [3], raw: new Uint8Array(8) },
    "declares 3 float32 values but carries 2": {
      dims: [3],
      extra: [onnx.bytes(4, onnx.floats([1, 2]))],
    },
    "declares 100 int64 values but carries at most 2": {
      dims: [100],
      type: 7,
      extra: [onnx.int(7, 1), onnx.int(7, 2)],
    },
    "declares 5 float32 values but carries 0": { dims: [5] },
    "declares 2 string values but carries 1": { dims: [2], type: 8, extra: [onnx.text(6, "a")] },
    "in 2 fields at once": { dims: [1], raw: new Uint8Array(4), extra: [onnx.float(4, 1)] },
    "element type 99": { dims: [1], type: 99, raw: new Uint8Array(4) },
    "in segments": { dims: [1], extra: [onnx.message(3, onnx.int(1, 0))] },
  };
  for (const [words, spec] of Object.entries(cases)) {
    const { code, message } = refused(weights({ name: "w", ...spec }));
    expect(message).toContain(words);
    expect(code).toBe("artifact_malformed");
  }
  expect(
    refused(weights({ dims: Array.from({ length: 65 }, () => 1), raw: new Uint8Array(4) })).code,
  ).toBe("artifact_limit_exceeded");
});

test("many tensors that overflow only together are refused", () => {
  const huge = Array.from({ length: 200 }, () =>
    onnx.tensor({ dims: [2 ** 45], external: { location: "weights.bin" }, location: 1 }),
  );
  expect(refused(withGraph({ initialisers: huge })).message).toContain("more than 2^53");
});

test("a message that may come once and comes twice is refused, not merged", () => {
  const attribute = onnx.attribute(
    "value",
    4,
    onnx.bytes(5, onnx.tensor({ dims: [1], raw: onnx.floats([1]) })),
    onnx.bytes(5, onnx.tensor({ location: 1 })),
  );
  const cases: Record<string, Uint8Array> = {
    "graph appears twice": onnx.concat([onnx.linearModel(), onnx.bytes(7, onnx.graph({}))]),
    "an attribute value appears twice": withGraph({
      nodes: [onnx.node({ op: "Constant", attributes: [attribute] })],
    }),
    "type appears twice": withGraph({ inputs: [onnx.concat([vector("x"), onnx.message(2)])] }),
    "declares two types": withGraph({
      inputs: [
        onnx.concat([
          onnx.text(1, "x"),
          onnx.message(2, onnx.message(1, onnx.int(1, 1)), onnx.message(4)),
        ]),
      ],
    }),
  };
  for (const [words, bytes] of Object.entries(cases))
    expect(refused(bytes).message).toContain(words);
});

test("broken wire format is refused with its byte and place", () => {
  const linear = onnx.linearModel();
  const cases: [string, Uint8Array, string, number][] = [
    ["number cut off", Uint8Array.of(0x08, 0x8a), "artifact_truncated", 1],
    [
      "number of 11 bytes",
      onnx.concat([Uint8Array.of(0x08), new Uint8Array(10).fill(0xff), Uint8Array.of(1)]),
      "artifact_malformed",
      1,
    ],
    [
      "number of 65 bits",
      onnx.concat([Uint8Array.of(0x08), new Uint8Array(9).fill(0xff), Uint8Array.of(2)]),
      "artifact_malformed",
      1,
    ],
    ["field 0", Uint8Array.of(0x08, 10, 0x02, 0), "artifact_malformed", 2],
    ["group", Uint8Array.of(0x08, 10, 0x3b), "artifact_malformed", 2],
    ["wire type 7", Uint8Array.of(0x08, 10, 0x3f), "artifact_malformed", 2],
    ["IR version as text", onnx.text(1, "10"), "artifact_malformed", 0],
    ["graph as number", onnx.concat([onnx.int(1, 10), onnx.int(7, 1)]), "artifact_malformed", 2],
    [
      "length beyond the file",
      onnx.concat([onnx.int(1, 10), onnx.key(7, 2), onnx.varint(1000)]),
      "artifact_truncated",
      2,
    ],
    [
      "length beyond 2^53",
      onnx.concat([onnx.int(1, 10), onnx.key(7, 2), onnx.varint(-1)]),
      "artifact_truncated",
      2,
    ],
    [
      "inner length beyond its message",
      onnx.concat([onnx.int(1, 10), onnx.message(7, onnx.key(1, 2), onnx.varint(9)), linear]),
      "artifact_malformed",
      4,
    ],
    [
      "number beyond its message",
      onnx.concat([
        onnx.int(1, 10),
        onnx.message(7, onnx.key(20, 0), Uint8Array.of(0x80)),
        Uint8Array.of(1),
      ]),
      "artifact_malformed",
      6,
    ],
    ["fixed number cut off", Uint8Array.of(0x08, 10, 0x3d, 1, 2), "artifact_truncated", 2],
    ["no graph", onnx.int(1, 10), "artifact_malformed", 2],
    ["no IR version", onnx.bytes(7, onnx.graph({})), "artifact_malformed", 5],
    [
      "name that is not UTF-8",
      withGraph({ nodes: [onnx.bytes(4, Uint8Array.of(0xff, 0xfe))] }),
      "artifact_malformed",
      6,
    ],
    ["empty", new Uint8Array(0), "artifact_empty", -1],
  ];
  for (const [name, bytes, code, offset] of cases) {
    const found = refused(bytes);
    expect([found.code, found.byteOffset ?? -1], name).toEqual([code, offset]);
    expect(found.hint, name).not.toBeNull();
  }
  const place = refused(
    withGraph({ initialisers: [onnx.tensor({ name: "w", dims: [3], raw: new Uint8Array(8) })] }),
  );
  expect(place.message).toMatch(
    /^Byte \d+, in graph > initializer: tensor "w" declares 3 float32 values \(12 bytes\) but carries 8 bytes\.$/,
  );
});

test("every prefix of a model is refused as cut off or read", () => {
  const linear = onnx.linearModel(3, { metadata: { a: "b" } });
  for (let length = 0; length < linear.length; length += 1) {
    const result = inspectOnnxBytes(linear.subarray(0, length));
    if (!result.ok) expect(result.refusal.code).toMatch(/truncated|empty|malformed/);
  }
});

test("a file over 2 GiB is refused before a byte is read", async () => {
  const source: ByteSource = {
    size: 2 ** 31,
    read: () => {
      throw new Error("read");
    },
  };
  expect(refusal(await inspectOnnx(source)).code).toBe("artifact_too_large");
});

test("limits hold: unknown fields, nodes, depth, names, fields", () => {
  const limits = {
    maxNodes: 10,
    maxTensors: 10,
    maxEntries: 10,
    maxOperatorKinds: 5,
    maxGraphInputs: 10,
  };
  const limited = (bytes: Uint8Array) => refusal(inspectOnnxBytes(bytes, { onnxLimits: limits }));
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index));
  expect(limited(withGraph({ nodes: many(11, () => onnx.node({ op: "Add" })) })).message).toContain(
    "more than 10 operators",
  );
  expect(
    limited(withGraph({ nodes: many(6, (i) => onnx.node({ op: `Op${i}` })) })).message,
  ).toContain("5 kinds of operator");
  expect(
    limited(withGraph({ initialisers: many(11, () => onnx.tensor({ dims: [0] })) })).message,
  ).toContain("10 tensors");
  expect(limited(withGraph({ inputs: many(11, (i) => vector(`x${i}`)) })).message).toContain(
    "10 graph inputs",
  );
  expect(
    limited(onnx.linearModel(3, { metadata: Object.fromEntries(many(11, (i) => [`k${i}`, "v"])) }))
      .message,
  ).toContain("10 metadata");
  expect(
    refused(onnx.linearModel(3, { extra: many(1001, () => onnx.int(99, 1)) })).message,
  ).toContain("1000 fields that the format does not define");
  expect(refused(withGraph({ nodes: [onnx.node({ op: "a".repeat(5000) })] })).message).toContain(
    "op_type of 5000 bytes",
  );
  const few = inspectOnnxBytes(onnx.linearModel(), { walkLimits: { maxFields: 5 } });
  expect(refusal(few).message).toContain("more than 5 fields");
  const texts = inspectOnnxBytes(onnx.linearModel(), { walkLimits: { maxTextBytesTotal: 20 } });
  expect(refusal(texts).message).toContain("more than 20 bytes of names");
});

test("graphs nested too deep are refused, not followed until the stack ends", () => {
  let nested = onnx.graph({ nodes: [onnx.node({ op: "Identity" })] });
  for (let depth = 0; depth < 2000; depth += 1) {
    nested = onnx.graph({
      nodes: [onnx.node({ op: "If", attributes: [onnx.attribute("b", 5, onnx.bytes(6, nested))] })],
    });
  }
  expect(refused(onnx.model({ graph: nested })).message).toContain("nested more than 100 deep");
});

test("a million tiny fields are read or refused without hanging", () => {
  const million = (field: Uint8Array): Uint8Array => {
    const out = new Uint8Array(field.length * 1_000_000);
    for (let index = 0; index < 1_000_000; index += 1) out.set(field, index * field.length);
    return out;
  };
  const started = performance.now();
  expect(refused(onnx.concat([onnx.int(1, 10), million(onnx.int(99, 1))])).code).toBe(
    "artifact_limit_exceeded",
  );
  expect(
    refused(onnx.model({ graph: onnx.graph({ extra: [million(onnx.message(1))] }) })).code,
  ).toBe("artifact_malformed");
  const attribute = onnx.attribute("nodes_values", 6, million(onnx.float(7, 1)));
  const forest = inspectOnnxBytes(
    withGraph({ nodes: [onnx.node({ op: "Identity", attributes: [attribute] })] }),
  );
  expect(forest.ok && forest.inspection.attributeNumberCount).toBe(1_000_000);
  expect(performance.now() - started).toBeLessThan(20_000);
});

/** A source that fails the test when asked for anything outside the file. */
function guardedSource(bytes: Uint8Array, windows: number[]): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(length).toBeGreaterThanOrEqual(0);
      expect(offset + length).toBeLessThanOrEqual(bytes.length);
      windows.push(length);
      return bytes.slice(offset, offset + length);
    },
  };
}

test("small windows, async reads and one big read give the same answer", async () => {
  const bytes = readFileSync(
    new URL("../../../examples/tumour-triage/1.0.0/model.onnx", import.meta.url),
  );
  const whole = inspectOnnxBytes(bytes);
  for (const windowBytes of [1, 7, 21, 64, 1000]) {
    const windows: number[] = [];
    const guarded = guardedSource(bytes, windows);
    const source: ByteSource = {
      size: guarded.size,
      read: (offset, length) => Promise.resolve(guarded.read(offset, length)),
    };
    expect(await inspectOnnx(source, { walkLimits: { windowBytes } })).toEqual(whole);
    expect(windows.length).toBeGreaterThan(1);
  }
});

test("weights are skipped by offset, never read", async () => {
  const bytes = withGraph({
    initialisers: [onnx.tensor({ name: "w", dims: [1_000_000], raw: new Uint8Array(4_000_000) })],
  });
  const windows: number[] = [];
  const result = await inspectOnnx(guardedSource(bytes, windows), {
    walkLimits: { windowBytes: 4096 },
  });
  expect(result.ok && result.inspection.parameterCount).toBe(1_000_000);
  expect(windows.reduce((sum, length) => sum + length, 0)).toBeLessThan(20_000);
});

test("a file that shrinks while it is read is refused", async () => {
  const bytes = onnx.linearModel();
  const source: ByteSource = { size: bytes.length + 10, read: () => bytes };
  expect(refusal(await inspectOnnx(source)).code).toBe("artifact_unreadable");
});

const seeds = [
  onnx.linearModel(3, { metadata: { "slipway.features": '["a","b","c"]' } }),
  withGraph({
    nodes: [
      onnx.node({
        op: "If",
        attributes: [
          onnx.attribute("b", 5, onnx.bytes(6, onnx.graph({ nodes: [onnx.node({ op: "Add" })] }))),
        ],
      }),
    ],
    initialisers: [
      onnx.tensor({ name: "w", dims: [4], external: { location: "weights.bin" }, location: 1 }),
    ],
    sparse: [
      onnx.concat([onnx.bytes(1, onnx.tensor({ name: "s", dims: [1], raw: onnx.floats([1]) }))]),
    ],
  }),
  readFileSync(new URL("../../../examples/credit-default/1.0.0/model.onnx", import.meta.url)),
];

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), value: fc.nat(64) }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), value: fc.nat(64) }),
  fc.record({ kind: fc.constant("end" as const), at: fc.nat(), value: fc.constant(0) }),
);

function mutate(
  bytes: Uint8Array,
  changes: readonly { kind: "set" | "cut" | "repeat" | "end"; at: number; value: number }[],
): Uint8Array {
  let out: Uint8Array = Uint8Array.from(bytes);
  for (const { kind, at, value } of changes) {
    const place = out.length === 0 ? 0 : at % out.length;
    if (kind === "set" && out.length > 0) out[place] = value;
    else if (kind === "cut")
      out = onnx.concat([out.subarray(0, place), out.subarray(place + value)]);
    else if (kind === "repeat")
      out = onnx.concat([out.subarray(0, place + value), out.subarray(place)]);
    else if (kind === "end") out = out.slice(0, place);
  }
  return out;
}

/** Time of the walk itself: once, and when that is slow three times more, so that a pause of the machine does not count. */
function leastMs(bytes: Uint8Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4 && least > 50; round += 1) {
    const started = performance.now();
    inspectOnnxBytes(bytes);
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

test(
  "10 000 random mutations are read or refused: nothing is thrown, none takes 50 ms, none reads outside",
  { timeout: 60_000 },
  async () => {
    let refusals = 0;
    let slowestMs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        async (seed, changes) => {
          const bytes = mutate(seed, changes);
          const result = await inspectOnnx(guardedSource(bytes, []), {
            walkLimits: { windowBytes: 512 },
          });
          slowestMs = Math.max(slowestMs, leastMs(bytes));
          if (!result.ok) {
            refusals += 1;
            expect(result.refusal.message).not.toBe("");
            if (result.refusal.byteOffset !== null)
              expect(result.refusal.byteOffset).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
      { numRuns: 10_000, seed: 20_261_123 },
    );
    expect(refusals).toBeGreaterThan(1000);
    expect(slowestMs).toBeLessThan(2_000);
  },
);
