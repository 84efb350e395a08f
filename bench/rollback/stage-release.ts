import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stagingPolicy, type EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import {
  createEndpoint,
  createEnvironment,
  createModel,
  getModel,
  registerVersion,
} from "#lib/contracts/api/registry-operations.ts";
import { defaultCanaryPlan, type Plan } from "#lib/domain/release/plan.ts";
import { askFor, type Connection } from "../../cli/connection.ts";
import { exampleFile, modelOf, readStory } from "../../examples/replay.ts";

export const MODEL = "tumour-triage";
export const ENDPOINT = "triage";
export const [STABLE, CANDIDATE] = ["1.0.0", "1.1.0"];
const READY_LIMIT_MS = 120_000;

/** Staging's own, but without its checklist: what is measured here is how releases move, not what they need. */
export const UNGATED_POLICY: EnvironmentPolicy = { ...stagingPolicy, requiredEvidence: [] };

/** Half of the keys to the candidate, and no way on: the step waits for more units than will ever come. */
export function waitingPlan(): Plan {
  const plan = defaultCanaryPlan({
    bakeSeconds: stagingPolicy.bakeSeconds,
    exposureCapBp: stagingPolicy.exposureCapBp,
    deadmanSeconds: stagingPolicy.deadmanSeconds,
    labels: "none",
  });
  return {
    ...plan,
    steps: [{ weightBp: 5000, dwellSeconds: 600, minUnits: 1_000_000_000, advance: "safe" }],
    // The machine is full of load on purpose, so latency is not judged here.
    guards: plan.guards.filter(({ metric }) => metric === "error"),
    predictionGuard: null,
  };
}

export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`Gave up waiting: ${what}.`);
    await delay(100);
  }
}

/** Environment, model, two versions and an endpoint with the first of them live, all through the API. */
export async function stageEndpoint(
  admin: Connection,
  engineer: Connection,
  policy: EnvironmentPolicy = UNGATED_POLICY,
): Promise<void> {
  await askFor(admin, "/api/v1/environments", createEnvironment.response, {
    method: "POST",
    json: { name: "staging", policy },
  });
  const example = modelOf(readStory(), MODEL);
  const { name, intendedUse, riskTier } = example;
  await askFor(engineer, "/api/v1/models", createModel.response, {
    method: "POST",
    json: { name, intendedUse, riskTier },
  });
  for (const version of example.versions.filter((one) =>
    [STABLE, CANDIDATE].includes(one.version),
  )) {
    const form = new FormData();
    const file = readFileSync(exampleFile(`${version.directory}/model.onnx`));
    form.set("version", version.version);
    form.set("labelOutput", example.labelOutput);
    form.set("golden", readFileSync(exampleFile(`${version.directory}/golden.json`), "utf8"));
    form.set("model", new Blob([file]), "model.onnx");
    await askFor(engineer, `/api/v1/models/${MODEL}/versions`, registerVersion.response, {
      method: "POST",
      form,
    });
  }
  await until("both versions profiled by the runtime", async () => {
    const { versions } = await askFor(engineer, `/api/v1/models/${MODEL}`, getModel.response);
    return versions.length === 2 && versions.every(({ state }) => state === "ready");
  });
  await askFor(engineer, "/api/v1/endpoints", createEndpoint.response, {
    method: "POST",
    json: { name: ENDPOINT, environment: "staging", model: MODEL, version: STABLE },
  });
}
