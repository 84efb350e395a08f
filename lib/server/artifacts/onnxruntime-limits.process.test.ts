import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inspectOnnxBytes } from "#lib/domain/artifact/inspect-onnx.ts";
import * as onnx from "#lib/domain/artifact/onnx-builder.fixture.ts";
import { onnxElementType } from "#lib/domain/artifact/onnx-element-types.ts";
import {
  MAX_IR_VERSION,
  ONNXRUNTIME_VERSION,
  operatorSets,
} from "#lib/domain/artifact/onnxruntime-limits.ts";

/** The inspector's statements about onnxruntime, held against the library that is installed. */

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-onnxruntime-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function loads(bytes: Uint8Array): Promise<boolean> {
  const path = join(directory, "model.onnx");
  await writeFile(path, bytes);
  try {
    const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
    await session.release();
    return true;
  } catch {
    return false;
  }
}

const blocks = (bytes: Uint8Array): boolean => {
  const result = inspectOnnxBytes(bytes);
  return !result.ok || result.findings.some((found) => found.severity === "block");
};

test("the version named in messages is the one installed", () => {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as {
    version: string;
  };
  expect(version.startsWith(`${ONNXRUNTIME_VERSION}.`)).toBe(true);
});

test("the newest IR version and operator sets load, the next ones do not", async () => {
  expect(await loads(onnx.linearModel(3, { irVersion: MAX_IR_VERSION }))).toBe(true);
  expect(await loads(onnx.linearModel(3, { irVersion: MAX_IR_VERSION + 1 }))).toBe(false);
  for (const [domain, { newest }] of Object.entries(operatorSets)) {
    const withSet = (version: number): Uint8Array =>
      onnx.linearModel(3, {
        opsets:
          domain === "ai.onnx"
            ? [["", version]]
            : [
                ["", 21],
                [domain, version],
              ],
      });
    expect(await loads(withSet(newest)), `${domain} ${newest}`).toBe(true);
    expect(await loads(withSet(newest + 1)), `${domain} ${newest + 1}`).toBe(false);
  }
});

test("tensors of exactly the element types that have a datatype can be passed", async () => {
  for (let type = 0; type <= 27; type += 1) {
    const bytes = onnx.model({
      irVersion: type > 22 ? MAX_IR_VERSION : 10,
      opsets: [["", type > 22 ? 25 : 21]],
      graph: onnx.graph({
        nodes: [onnx.node({ op: "Identity", inputs: ["x"], outputs: ["y"] })],
        inputs: [onnx.value("x", type, ["N", 2])],
        outputs: [onnx.value("y", type, ["N", 2])],
      }),
    });
    const canPass = (onnxElementType(type)?.datatype ?? null) !== null;
    expect(await loads(bytes), `element type ${type}`).toBe(canPass);
    expect(blocks(bytes), `element type ${type}`).toBe(!canPass);
  }
});

test("what the inspector refuses as contradictory, onnxruntime does not load either", async () => {
  const withWeights = (weights: onnx.TensorSpec): Uint8Array =>
    onnx.linearModel(3, {
      graph: onnx.graph({
        nodes: [onnx.node({ op: "Gemm", inputs: ["x", "w", "b"], outputs: ["y"] })],
        initialisers: [
          onnx.tensor({ name: "w", dims: [3, 2], ...weights }),
          onnx.tensor({ name: "b", dims: [2], raw: onnx.floats([0, 0]) }),
        ],
        inputs: [onnx.value("x", 1, ["N", 3])],
        outputs: [onnx.value("y", 1, ["N", 2])],
      }),
    });
  expect(await loads(withWeights({ raw: onnx.floats([1, 2, 3, 4, 5, 6]) }))).toBe(true);
  const contradictory: Record<string, Uint8Array> = {
    "too few bytes": withWeights({ raw: onnx.floats([1, 2]) }),
    "too many bytes": withWeights({ raw: onnx.floats([1, 2, 3, 4, 5, 6, 7]) }),
    "no values": withWeights({}),
    "a path": withWeights({ external: { location: "../w.bin" }, location: 1 }),
    "a missing file": withWeights({ external: { location: "w.bin" }, location: 1 }),
    "no opset": onnx.linearModel(3, { opsets: [] }),
    "a custom operator": onnx.model({
      opsets: [
        ["", 21],
        ["acme", 1],
      ],
      graph: onnx.graph({
        nodes: [onnx.node({ op: "Magic", domain: "acme", inputs: ["x"], outputs: ["y"] })],
        inputs: [onnx.value("x", 1, ["N", 2])],
        outputs: [onnx.value("y", 1, ["N", 2])],
      }),
    }),
  };
  for (const [what, bytes] of Object.entries(contradictory)) {
    expect(blocks(bytes), what).toBe(true);
    expect(await loads(bytes), what).toBe(false);
  }
});
