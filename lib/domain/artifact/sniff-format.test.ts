import { deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { inspectModelFile } from "./inspect-model-file.ts";
import * as onnx from "./onnx-builder.fixture.ts";
import { refuseFormat, sniffFormat, type ArtifactFormat } from "./sniff-format.ts";

const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const zip = (...names: string[]): Uint8Array =>
  latin1(
    names
      .map(
        (name) =>
          `PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}data`,
      )
      .join(""),
  );
const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';

const files: [ArtifactFormat, Uint8Array][] = [
  ["onnx", onnx.linearModel()],
  ["onnx", onnx.concat([onnx.text(2, "writer"), onnx.int(1, 8), onnx.bytes(7, onnx.graph({}))])],
  ["pickle", latin1("\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x08builtins")],
  ["pickle", latin1("\x80\x02csklearn.linear_model\nLogisticRegression\n")],
  ["pickle", latin1("cposix\nsystem\n(S'true'\ntR.")],
  ["pickle", latin1("(dp0\nS'a'\n")],
  ["joblib", latin1("\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x15joblib.numpy_pickle")],
  ["joblib", deflateSync("anything")],
  ["torch", zip("model/data.pkl", "model/version")],
  ["torchscript", zip("model/constants.pkl", "model/data.pkl")],
  ["keras", zip("metadata.json", "config.json", "model.weights.h5")],
  ["savedmodel", zip("model/saved_model.pb")],
  ["numpy", zip("arr_0.npy")],
  ["zip", zip("readme.txt")],
  [
    "savedmodel",
    onnx.concat([
      onnx.int(1, 1),
      onnx.message(2, onnx.message(1, onnx.text(5, "2.15")), new Uint8Array(300)),
    ]),
  ],
  ["hdf5", latin1("\x89HDF\r\n\x1a\n\0\0")],
  ["gzip", gzipSync("anything")],
  ["tar", latin1(`${"\0".repeat(257)}ustar`)],
  ["tflite", latin1("\x1c\0\0\0TFL3")],
  ["ort", latin1("\x1c\0\0\0ORTM")],
  ["gguf", latin1("GGUF\x03\0\0\0")],
  ["numpy", latin1("\x93NUMPY\x01\0")],
  [
    "safetensors",
    onnx.concat([
      Uint8Array.of(header.length, 0, 0, 0, 0, 0, 0, 0),
      latin1(header),
      new Uint8Array(4),
    ]),
  ],
  [
    "pmml",
    latin1('<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">'),
  ],
  ["xml", latin1('<?xml version="1.0"?>\n<model/>')],
  ["html", latin1("<!DOCTYPE html><html><title>Sign in</title>")],
  ["git-lfs", latin1("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n")],
  ["xgboost", latin1('{"learner":{"attributes":{}}}')],
  ["json", latin1('{"a":1}')],
  ["lightgbm", latin1("tree\nversion=v4\n")],
  ["text", latin1("a,b,c\n1,2,3\n")],
  ["executable", latin1("\x7fELF\x02\x01")],
  ["unknown", Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 1, 2)],
  ["empty", new Uint8Array(0)],
];

test.each(files)("%s is told by its bytes", (format, bytes) => {
  expect(sniffFormat(bytes, bytes.length)).toBe(format);
});

test("every format but ONNX is refused with what it is and what to do", async () => {
  for (const [format, bytes] of files) {
    if (format === "onnx") continue;
    const result = await inspectModelFile({
      size: bytes.length,
      read: (offset, length) => bytes.subarray(offset, offset + length),
    });
    expect(result).toEqual({ ok: false, refusal: refuseFormat(format) });
    expect(result.ok || result.refusal.hint).toBeTruthy();
  }
  expect(refuseFormat("pickle")?.message).toBe(
    "This is a Python pickle. It can run any code when it is opened, so Slipway does not open it.",
  );
});

test("a model file is sniffed and inspected in one call", async () => {
  const bytes = onnx.linearModel();
  const result = await inspectModelFile({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  expect(result.ok && result.inspection.nodeCount).toBe(1);
});
