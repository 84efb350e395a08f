import path from "node:path";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import { registerVersionFields } from "#lib/contracts/registry-api.ts";
import type { ArmRole } from "#lib/contracts/runtime-protocol.ts";
import { createHistogram, record, toSparse } from "#lib/domain/statistics/histogram.ts";
import { inspectArtifact, requireRegistrable } from "../../artifacts/inspect-artifact.ts";
import type { App } from "../../composition.ts";
import { newId } from "../../new-id.ts";
import { type Actor, systemActor } from "../../ports.ts";
import { receivedArtifact } from "../register-version.ts";

/** What the tests of the registry's views stand on: real use cases, a real ONNX file, windows as a runtime reports them. */

const IRIS = path.resolve("examples/bring-your-own/iris.onnx");

/** Acts as a runtime's token does. */
export const runtimeActor: Actor = {
  ...systemActor("Test runtime"),
  roles: [{ role: "runtime", environmentId: null }],
};

let files = 0;
const digestOf = (n: number): string => `sha256:${n.toString(16).padStart(64, "0")}`;

/** A version of the iris example; each gets a digest of its own, as if its bytes were others. */
export async function registerIris(
  app: App,
  actor: Actor,
  model: string,
  fields: Readonly<Record<string, unknown>> & { readonly version: string },
): Promise<{ id: string; jobId: string }> {
  const inspected = requireRegistrable(
    await inspectArtifact({ modelPath: IRIS, externalFiles: [], sample: null }),
  );
  files += 1;
  const { id, jobId } = await app.registry.registerVersion(actor, {
    model,
    fields: registerVersionFields.parse(fields),
    artifact: receivedArtifact.parse({
      files: [{ name: "iris.onnx", role: "model", digest: digestOf(files), sizeBytes: 700 }],
      inspection: inspected.inspection,
      findings: inspected.findings,
      signature: inspected.signature,
      inferredContract: inspected.inferred.contract,
    }),
  });
  if (jobId === null) throw new Error("An ONNX version gets a profile run.");
  return { id, jobId };
}

/** An environment that asks for nothing, so that an endpoint can be made at once. */
export async function openEnvironment(app: App, admin: Actor, name: string): Promise<void> {
  await app.registry.createEnvironment(admin, {
    name,
    policy: { ...stagingPolicy, requiredEvidence: [] },
  });
}

export type RuntimeHandle = { readonly runtimeId: string; readonly bootId: string };

export async function connectRuntime(app: App, name: string): Promise<RuntimeHandle> {
  const bootId = newId();
  const { id } = await app.store.telemetry((tx) =>
    tx.runtimes.upsertRuntime(
      newId(),
      {
        name,
        bootId,
        role: "serve",
        slipwayVersion: "0.1.0",
        httpUrl: "http://127.0.0.1:8080",
        grpcUrl: null,
        cpuCount: 2,
        memoryBytes: 1_000_000,
      },
      null,
    ),
  );
  return { runtimeId: id, bootId };
}

export type WindowOf = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly arm: ArmRole;
  readonly windowStart: string;
  /** One request each. */
  readonly latenciesUs: readonly number[];
  readonly errors?: number;
  readonly epoch?: number;
};

/** One window of ten seconds as a runtime reports it. */
export async function reportWindow(
  app: App,
  runtime: RuntimeHandle,
  window: WindowOf,
): Promise<void> {
  const histogram = createHistogram();
  for (const us of window.latenciesUs) record(histogram, us);
  await app.store.telemetry((tx, now) =>
    tx.windows.saveWindows(runtime.runtimeId, runtime.bootId, [
      {
        endpointId: window.endpointId,
        versionId: window.versionId,
        arm: window.arm,
        releaseId: null,
        epoch: window.epoch ?? 1,
        windowStart: window.windowStart,
        windowSeconds: 10,
        seq: 1,
        final: true,
        requests: window.latenciesUs.length,
        errors: window.errors ?? 0,
        refused: 0,
        units: window.latenciesUs.length,
        firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
        labels: { received: 0, wrong: 0 },
        predictions: {},
        latencyUs: {
          ...toSparse(histogram),
          bins: toSparse(histogram).bins.map(([bin, count]): [number, number] => [bin, count]),
        },
        overflow: false,
      },
    ], now),
  );
}
