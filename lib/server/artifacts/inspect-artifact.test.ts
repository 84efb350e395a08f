import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createReadStream } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as onnx from "#lib/domain/artifact/onnx-builder.fixture.ts";
import { AppError } from "#lib/domain/errors.ts";
import { inspectArtifact, requireRegistrable } from "./inspect-artifact.ts";
import { summariseSample } from "./summarise-sample.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-inspect-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const example = (path: string): string =>
  fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
async function written(bytes: Uint8Array): Promise<string> {
  const path = join(directory, "model");
  await writeFile(path, bytes);
  return path;
}

test.each([
  ["credit-default", 12, "outcome"],
  ["tumour-triage", 30, "diagnosis"],
  ["digits", 1, "digit"],
])(
  "the example %s with its held-out rows gives %i fields that refuse none of them",
  async (name, fields, label) => {
    const sample = await summariseSample(createReadStream(example(`${name}/holdout.csv`)));
    const artifact = requireRegistrable(
      await inspectArtifact({
        modelPath: example(`${name}/1.0.0/model.onnx`),
        externalFiles: [],
        sample: sample.summary,
      }),
    );
    expect(artifact.inferred.contract.fields).toHaveLength(fields);
    expect(artifact.inferred.sampleChecks).toHaveLength(fields);
    expect(artifact.inferred.sampleChecks.every((check) => check.refusedRows === 0)).toBe(true);
    expect(artifact.inferred.notes).toContain(`Not used from the sample: ${label}.`);
    expect(artifact.labelOutput).toBe("label");
  },
);

test("a file of another format is refused with what it is, under its own name or any other", async () => {
  const modelPath = await written(
    Buffer.from("\x89HDF\r\n\x1a\n and whatever follows", "latin1"),
  );
  const error = await inspectArtifact({ modelPath, externalFiles: [], sample: null }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: "invalid_input",
    message: "This is an HDF5 file, as older Keras models are. Slipway cannot serve it yet.",
    errors: [{ pointer: "/model" }],
    details: { refusal: "artifact_format_unsupported", byteOffset: null },
  });
});

test("a broken file is refused with the byte", async () => {
  const modelPath = await written(onnx.linearModel().subarray(0, 100));
  const error = await inspectArtifact({ modelPath, externalFiles: [], sample: null }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "invalid_input",
    details: { refusal: "artifact_truncated" },
  });
  expect((error as AppError).message).toMatch(/^Byte \d+, /);
});

test("what blocks is inspected and shown, but not registrable", async () => {
  const modelPath = await written(onnx.linearModel(3, { opsets: [["", 99]], irVersion: 99 }));
  const artifact = await inspectArtifact({ modelPath, externalFiles: [], sample: null });
  expect(artifact.findings.map((finding) => finding.code)).toEqual(
    expect.arrayContaining(["ir_too_new", "opset_too_new"]),
  );
  expect(() => requireRegistrable(artifact)).toThrow(AppError);
  try {
    requireRegistrable(artifact);
  } catch (error) {
    expect((error as AppError).errors).toHaveLength(2);
    expect((error as AppError).hint).toContain("Export with IR version 13 or lower.");
  }
});

test("external weights are held against the files that came with the model", async () => {
  const graph = onnx.graph({
    nodes: [onnx.node({ op: "Add", inputs: ["x", "w"], outputs: ["y"] })],
    initialisers: [
      onnx.tensor({ name: "w", dims: [2], external: { location: "w.bin" }, location: 1 }),
    ],
    inputs: [onnx.value("x", 1, ["N", 2])],
    outputs: [onnx.value("y", 1, ["N", 2])],
  });
  const modelPath = await written(onnx.model({ graph }));
  const blocks = async (externalFiles: { name: string; sizeBytes: number }[]): Promise<string[]> =>
    (await inspectArtifact({ modelPath, externalFiles, sample: null })).findings
      .filter((finding) => finding.severity === "block")
      .map((finding) => finding.code);
  expect(await blocks([])).toEqual(["external_file_missing"]);
  expect(await blocks([{ name: "w.bin", sizeBytes: 7 }])).toEqual(["external_file_short"]);
  expect(await blocks([{ name: "w.bin", sizeBytes: 8 }])).toEqual([]);
});
