import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { AppError } from "#lib/domain/errors.ts";
import { inspectArtifact, requireRegistrable } from "../inspect-artifact.ts";
import { readArtifactFile } from "../read-artifact-file.ts";
import { zip } from "./archive-builder.fixture.ts";
import { hostileDocuments, hostileOnnx, hostileSavedModels } from "./hostile-others.fixture.ts";
import { hostilePickles, type Hostile } from "./hostile-pickles.fixture.ts";
import { op, pickle4, stackImported, str } from "./pickle-builder.fixture.ts";

const CORPUS = import.meta.dirname;
const valid = readdirSync(CORPUS).filter((name) => /\.(pkl|joblib|onnx|pmml|tar|tgz|zip)$/.test(name) && !/reads-files|no-signature/.test(name));
let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "slipway-corpus-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function codesOf(bytes: Uint8Array): Promise<{ readonly codes: ReadonlyMap<string, string>; readonly refused: string | null }> {
  const path = join(scratch, "artifact");
  await writeFile(path, bytes);
  try {
    const { findings } = await readArtifactFile(path);
    return { codes: new Map(findings.map(({ code, severity }) => [code, severity])), refused: null };
  } catch (error) {
    if (error instanceof RefusedArtifact) return { codes: new Map(), refused: error.refusal.code };
    throw error;
  }
}

test("the corpus holds at least 25 valid artifacts over the four formats", () => {
  expect(valid.length).toBeGreaterThanOrEqual(25);
});

test.each(valid)("%s is registered as it is", async (name) => {
  const inspected = requireRegistrable(await inspectArtifact({ modelPath: join(CORPUS, name), externalFiles: [], sample: null }));
  const expected = /\.onnx$/.test(name) ? "onnx" : /\.pmml$/.test(name) ? "pmml" : /\.(pkl|joblib)$/.test(name) ? "pickle" : "savedmodel";
  expect(inspected.inspection.format).toBe(expected);
  expect(inspected.findings.filter(({ severity }) => severity === "warn")).toEqual([]);
  if (inspected.inspection.format === "pickle") {
    expect(inspected.inspection).toMatchObject({ verdict: "clean", framework: "scikit-learn", frameworkVersion: /1\.\d+/.exec(name)?.[0] && expect.stringMatching(new RegExp(`^${/1\.\d+/.exec(name)?.[0] ?? ""}`)) });
    expect(inspected.inspection.streamCount).toBe(1);
  }
});

test("a real SavedModel that reads files is blocked, one without a signature too", async () => {
  for (const [name, code] of [["tensorflow-reads-files.tgz", "savedmodel_dangerous_operator"], ["tensorflow-no-signature.tgz", "savedmodel_no_signature"]] as const) {
    const { findings } = await readArtifactFile(join(CORPUS, name));
    expect(findings.filter(({ severity }) => severity === "block").map((found) => found.code)).toEqual([code]);
  }
});

test("a torch archive with storages of known types is clean", async () => {
  const storage = op("(", str("storage"), stackImported("torch", "FloatStorage"), str("0"), str("cpu"), "K", 4, "tQ");
  const tensor = op(stackImported("torch._utils", "_rebuild_tensor_v2"), "(", storage, "K", 0, "(K", 2, "K", 2, "t(K", 2, "K", 1, "t", 0x89, stackImported("collections", "OrderedDict"), ")R", "tR");
  const bytes = zip([
    { name: "model/data.pkl", content: pickle4(op("}", str("weight"), tensor, "s")) },
    { name: "model/byteorder", content: new TextEncoder().encode("little") },
    { name: "model/data/0", content: new Uint8Array(16) },
    { name: "model/version", content: new TextEncoder().encode("3\n") },
  ]);
  await writeFile(join(scratch, "model.pt"), bytes);
  const { inspection, findings } = await readArtifactFile(join(scratch, "model.pt"));
  expect(findings.filter(({ severity }) => severity === "warn" || severity === "block")).toEqual([]);
  expect(inspection).toMatchObject({ format: "pickle", container: "torch-zip", verdict: "clean", framework: "PyTorch", arrayBytes: 16 });
});

const hostile: readonly Hostile[] = [...hostilePickles, ...hostileDocuments, ...hostileSavedModels, ...hostileOnnx];

test("at least 60 hostile or broken artifacts are known", () => {
  expect(hostile.length).toBeGreaterThanOrEqual(60);
});

describe("hostile and broken artifacts", () => {
  test.each(hostile.map((one) => [one.name, one] as const))("%s", async (_name, { bytes, gives, severity }) => {
    const { codes, refused } = await codesOf(bytes);
    if (severity === "refused") expect({ refused, codes: [...codes.keys()] }).toEqual({ refused: gives, codes: [] });
    else expect({ refused, [gives]: codes.get(gives), all: [...codes.keys()] }).toMatchObject({ refused: null, [gives]: severity });
    // Nothing may be registered that is blocked.
    if (severity !== "warn") {
      await writeFile(join(scratch, "again"), bytes);
      const registering = inspectArtifact({ modelPath: join(scratch, "again"), externalFiles: [], sample: null }).then(requireRegistrable);
      await expect(registering).rejects.toBeInstanceOf(AppError);
    }
  });

  test("nothing was run and nothing was written beside the files themselves", async () => {
    expect(existsSync("/tmp/slipway-was-here")).toBe(false);
    expect((await readdir(scratch)).sort()).toEqual(["again", "artifact", "model.pt"]);
  });
});
