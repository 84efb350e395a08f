import { execFile, spawnSync } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testApp, testPerson, testToken } from "#lib/server/test-app.ts";
import { mlflowServer } from "./mlflow-server.fixture.ts";

/** A Python that has `mlflow` or `mlflow-skinny`; SLIPWAY_MLFLOW_PYTHON names another one. */
const PYTHON = process.env["SLIPWAY_MLFLOW_PYTHON"] ?? "python3";
const hasClient = spawnSync(PYTHON, ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('mlflow') is None)"]).status === 0;
const SCRIPT = path.join(import.meta.dirname, "official_client.py");

/** What is known to work; docs/mlflow.md shows the same list. */
const PASSES = [
  "create_get_update_rename_delete", "create_twice", "invalid_names", "model_tags", "search_models_with_pages_and_order", "version_elsewhere", "free_aliases",
  "governed_alias_without_endpoint", "log_and_register_from_run", "register_model_function", "download_by_alias", "unreadable_files_fail_with_the_reason", "logged_model_api",
];

test.skipIf(!hasClient)("the unmodified MLflow client works (skipped without Python and mlflow: pip install mlflow-skinny, SLIPWAY_MLFLOW_PYTHON=/path/to/python)", async () => {
  const started = await testApp();
  const server = await mlflowServer(started.app);
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-mlflow-"));
  try {
    const token = await testToken(started.app, await testPerson(started.app, "Priya Nair", ["engineer"]), "engineer");
    const models = ["1.0.0", "1.1.0", "2.0.0"].map((version, index) => [path.resolve(`examples/digits/${version}/model.onnx`), path.join(directory, `${index}.onnx`)] as const);
    for (const [from, to] of models) await copyFile(from, to);
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, ...models.map(([, to]) => to)], {
      env: { ...process.env, MLFLOW_TRACKING_URI: server.url, MLFLOW_TRACKING_TOKEN: token, HOME: directory },
      timeout: 110_000,
    });
    const lines = stdout.trim().split("\n").filter((line) => /^(ok|FAILED)\t/.test(line));
    expect(lines.filter((line) => line.startsWith("FAILED"))).toEqual([]);
    expect(lines.map((line) => line.split("\t")[1])).toEqual(PASSES);
  } finally {
    await server.close();
    await started.close();
    await rm(directory, { recursive: true, force: true });
  }
});
