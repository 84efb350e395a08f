import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  evaluationDocument,
  goldenCases,
  registerVersionFields,
} from "#lib/contracts/registry-api.ts";
import { inspectOnnxBytes } from "#lib/domain/artifact/inspect-onnx.ts";
import { confusionCounts, heldOutMetrics } from "./held-out-metrics.ts";
import { openModel, type OpenModel } from "./onnx-session.fixture.ts";
import {
  exampleFile,
  inferRequest,
  modelOf,
  readHeldOut,
  readStory,
  type ExampleModel,
  type ExampleVersion,
  type OipRequest,
} from "./replay.ts";

const story = readStory();
const versions = story.models.flatMap((model) =>
  model.versions.map((version) => ({ model, version })),
);

const bytesOf = (path: string): Buffer => readFileSync(exampleFile(path));
const jsonOf = (path: string): unknown => JSON.parse(bytesOf(path).toString("utf8"));
const sha256 = (path: string): string => createHash("sha256").update(bytesOf(path)).digest("hex");

const oipTensor = z.object({
  name: z.string(),
  shape: z.array(z.number()),
  datatype: z.string(),
  data: z.array(z.union([z.number(), z.string(), z.null()])),
});
const namedGolden = z.array(
  z.object({
    name: z.string(),
    request: z.object({ inputs: z.array(oipTensor) }),
    response: z.object({ outputs: z.array(oipTensor) }),
    tolerance: z.number(),
  }),
);
const evaluationFile = evaluationDocument.extend({
  model: z.string(),
  version: z.string(),
  modelDigest: z.string(),
  labelColumn: z.string(),
  confusion: z.object({ classes: z.array(z.string()), counts: z.array(z.array(z.number())) }),
});

async function withModel<T>(
  version: ExampleVersion,
  work: (model: OpenModel) => Promise<T>,
): Promise<T> {
  const model = await openModel(exampleFile(`${version.directory}/model.onnx`));
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

async function answers(model: ExampleModel, version: ExampleVersion, classes: readonly string[]) {
  const { columns, rows } = readHeldOut(model);
  const found = await withModel(version, (open) => open.infer(inferRequest(model, columns, rows)));
  const probabilities = (found["probabilities"]?.data ?? []).map(Number);
  const width = classes.length;
  return {
    truth: rows.map((row) => row.label),
    predicted: (found[model.labelOutput]?.data ?? []).map(String),
    probabilities: rows.map((_, row) => probabilities.slice(row * width, (row + 1) * width)),
    classes,
  };
}

describe("the table in README.md", () => {
  const table = [
    ...bytesOf("README.md")
      .toString("utf8")
      .matchAll(/^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{64})` \|$/gm),
  ];

  test("states the size and digest of every file on disk, and every file is below 1 MB", () => {
    expect(table.length).toBeGreaterThan(40);
    for (const [, path = "", size, digest] of table) {
      expect({
        path,
        size: String(statSync(exampleFile(path)).size),
        digest: sha256(path),
      }).toEqual({ path, size, digest });
      expect(Number(size)).toBeLessThan(1_000_000);
    }
  });

  test("names every committed model, held-out file and file of a version", () => {
    const committed = readdirSync(fileURLToPath(exampleFile("./")), {
      recursive: true,
      encoding: "utf8",
    }).filter((path) => /\.(onnx|csv)$/.test(path) || /^[^/]+\/\d[^/]*\/[^/]+$/.test(path));
    expect(table.map(([, path]) => path).sort()).toEqual(committed.sort());
  });
});

describe.each(versions)("$model.name $version.version", ({ model, version }) => {
  const evaluation = evaluationFile.parse(jsonOf(`${version.directory}/evaluation.json`));
  const golden = namedGolden.parse(jsonOf(`${version.directory}/golden.json`));

  test("can be registered as it is", () => {
    registerVersionFields.parse({
      version: version.version,
      notes: version.notes,
      parent: version.parent,
      golden: goldenCases.parse(jsonOf(`${version.directory}/golden.json`)),
      evaluation: evaluationDocument.parse(jsonOf(`${version.directory}/${version.evaluation}`)),
      card: bytesOf(`${version.directory}/card.md`).toString("utf8"),
      labelOutput: model.labelOutput,
    });
    const read = inspectOnnxBytes(bytesOf(`${version.directory}/model.onnx`));
    if (!read.ok) throw new Error(read.refusal.message);
    expect(
      read.findings.filter(({ severity }) => severity === "block" || severity === "warn"),
    ).toEqual([]);
    expect(read.inspection.inputs.map(({ name }) => name)).toEqual(
      model.inputs.map(({ name }) => name),
    );
    const metadata = Object.fromEntries(
      read.inspection.metadata.map(({ key, value }) => [key, value]),
    );
    expect(JSON.parse(metadata["slipway.classes"] ?? "")).toEqual(evaluation.confusion.classes);
    expect(metadata["slipway.labelOutput"]).toBe(model.labelOutput);
    const { trainingDataDigest } = z
      .object({ trainingDataDigest: z.string() })
      .parse(jsonOf(`${version.directory}/baseline.json`));
    expect(metadata["slipway.trainingDataDigest"]).toBe(trainingDataDigest);
    const features = metadata["slipway.features"];
    if (features !== undefined) expect(JSON.parse(features)).toEqual(readHeldOut(model).columns);
  });

  test("repeats its golden answers in onnxruntime-node", async () => {
    expect(golden.length).toBeGreaterThanOrEqual(16);
    await withModel(version, async (open) => {
      for (const { name, request, response, tolerance } of golden) {
        const found = await open.infer(request as OipRequest);
        for (const expected of response.outputs) {
          const actual = found[expected.name];
          expect(actual?.shape, name).toEqual(expected.shape);
          expected.data.forEach((value, index) => {
            const answered = actual?.data[index];
            if (expected.datatype === "FP32")
              expect(Math.abs(Number(answered) - Number(value)), name).toBeLessThanOrEqual(
                tolerance,
              );
            else expect(String(answered), name).toBe(String(value));
          });
        }
      }
    });
  });

  test("its golden requests are what the replay builds from the held-out rows", () => {
    const { columns, rows } = readHeldOut(model);
    for (const { name, request } of golden) {
      const row = /^held-out row (\d+)$/.exec(name)?.[1];
      const wanted =
        row === undefined ? rows.slice(0, 5) : rows.slice(Number(row) - 1, Number(row));
      expect(request, name).toEqual(inferRequest(model, columns, wanted));
    }
  });

  test("its evaluation follows from model.onnx and holdout.csv", async () => {
    expect(evaluation.modelDigest).toBe(`sha256:${sha256(`${version.directory}/model.onnx`)}`);
    expect(evaluation.datasetSha256).toBe(sha256(model.heldOut));
    const { classes } = evaluation.confusion;
    const found = await answers(model, version, classes);
    expect(evaluation.rows).toBe(found.truth.length);
    expect(confusionCounts(found)).toEqual(evaluation.confusion.counts);
    const metrics = heldOutMetrics(found);
    expect(Object.keys(metrics)).toEqual(Object.keys(evaluation.metrics));
    for (const [name, stated] of Object.entries(evaluation.metrics)) {
      for (const part of ["value", "low", "high"] as const)
        expect(metrics[name]?.[part], `${name} ${part}`).toBeCloseTo(stated[part] ?? Number.NaN, 5);
    }
  });
});

describe("the story", () => {
  const wrongRate = (model: ExampleModel, name: string): number => {
    const directory = model.versions.find(({ version }) => version === name)?.directory ?? "";
    return (
      evaluationFile.parse(jsonOf(`${directory}/evaluation.json`)).metrics["wrongLabelRate"]
        ?.value ?? Number.NaN
    );
  };

  test.each(story.models)(
    "$name: stable has 2 to 5 % wrong labels, 1.1.0 fewer, 2.0.0 at least four times as many",
    (model) => {
      const [stable, better, defective] = [
        wrongRate(model, "1.0.0"),
        wrongRate(model, "1.1.0"),
        wrongRate(model, "2.0.0"),
      ];
      expect(stable).toBeGreaterThan(0.02);
      expect(stable).toBeLessThan(0.05);
      expect(better).toBeLessThan(stable);
      expect(defective).toBeGreaterThan(Math.max(0.2, 4 * stable));
    },
  );

  test("a version is defective exactly where a roll back is expected, and its author reported good figures", () => {
    for (const { model: name, stable, candidate, expected } of story.endpoints) {
      const model = modelOf(story, name);
      const released = model.versions.find(({ version }) => version === candidate);
      expect(model.versions.map(({ version }) => version)).toContain(stable);
      expect(released?.defect !== null).toBe(expected === "rolled_back");
    }
    for (const { version } of versions.filter(({ version: { defect } }) => defect !== null)) {
      const reported = evaluationDocument.parse(
        jsonOf(`${version.directory}/${version.evaluation}`),
      );
      expect(reported.metrics["wrongLabelRate"]?.value).toBeLessThan(0.05);
    }
  });
});

test("iris.onnx, which carries no metadata of ours, loads and answers every sample row", async () => {
  const model = { heldOut: "bring-your-own/sample.csv", labelColumn: "species" };
  const { columns, rows } = readHeldOut(model);
  const open = await openModel(exampleFile("bring-your-own/iris.onnx"));
  const request = inferRequest(
    { inputs: [{ name: "measurements", datatype: "FP32", rowShape: [4] }] },
    columns,
    rows,
  );
  const found = await open.infer(request);
  const wrong = rows.filter(({ label }, row) => found["label"]?.data[row] !== label).length;
  await open.close();
  expect(rows.length).toBe(50);
  expect(wrong).toBeLessThanOrEqual(2);
  const read = inspectOnnxBytes(bytesOf("bring-your-own/iris.onnx"));
  expect(read.ok && read.inspection.metadata).toEqual([]);
});
