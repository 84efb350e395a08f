import { createHash, randomUUID } from "node:crypto";
import type { DesiredEndpoint, DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { contractSlots } from "#lib/domain/contract/contract-slots.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { ControlServer } from "./control-server.ts";

export function tensor(
  name: string,
  datatype: TensorSignature["datatype"],
  shape: readonly (number | string)[],
): TensorSignature {
  return {
    name,
    datatype,
    shape: shape.map((dim) => (typeof dim === "number" ? dim : -1)),
    dimNames: shape.map((dim) => (typeof dim === "number" ? null : dim)),
  };
}

/** Signature of `markedModel`. */
export const markedSignature: ModelSignature = {
  inputs: [tensor("x", "FP32", ["N", 4])],
  outputs: [
    tensor("label", "INT64", ["N"]),
    tensor("score", "FP32", ["N"]),
    tensor("mark", "FP32", ["N"]),
  ],
};

/** A contract that refuses nothing but what the data cannot carry. */
export function openContract(signature: ModelSignature): InputContract {
  return {
    fields: contractSlots(signature, null).map(({ field, input, column, type }) => ({
      field,
      input,
      column,
      type,
      nulls: type.startsWith("float") || type === "string" ? "allow" : "reject",
      imputeValue: null,
      range: null,
      domain: null,
      action: "flag",
      unit: null,
    })),
  };
}

export type VersionFixture = {
  readonly name: string;
  readonly model: Buffer;
  readonly signature: ModelSignature;
  readonly labelOutput?: string;
  readonly golden?: readonly unknown[];
  readonly contract?: unknown;
  readonly timeoutMs?: number;
  readonly memoryLimitBytes?: number;
  readonly hosts?: number;
};

/** A desired version whose model file lies in the control server's store. */
export function desiredVersion(control: ControlServer, fixture: VersionFixture): DesiredVersion {
  const file = control.addArtifact(fixture.model);
  return {
    versionId: randomUUID(),
    modelName: "model-under-test",
    versionName: fixture.name,
    digest: `sha256:${createHash("sha256").update(`${fixture.name} ${file.digest}`).digest("hex")}`,
    files: [{ name: "model.onnx", ...file }],
    signature: fixture.signature,
    contract: fixture.contract ?? openContract(fixture.signature),
    golden: [...(fixture.golden ?? [])],
    session: {
      intraOpThreads: 1,
      hosts: fixture.hosts ?? 1,
      memoryLimitBytes: fixture.memoryLimitBytes ?? null,
      timeoutMs: fixture.timeoutMs ?? 5000,
    },
    labelOutput: fixture.labelOutput ?? null,
  };
}

export type TableFixture = {
  readonly epoch: number;
  readonly stable: DesiredVersion;
  readonly candidate?: DesiredVersion;
  readonly weightBp?: number;
  readonly previous?: DesiredVersion;
  readonly releaseId?: string | null;
  readonly leaseSeconds?: number;
  readonly windowSeconds?: number;
  readonly latencyThresholdsUs?: DesiredEndpoint["latencyThresholdsUs"];
};

/** A desired endpoint that keeps the domain's rules for route tables. */
export function desiredEndpoint(
  name: string,
  endpointId: string,
  table: TableFixture,
): DesiredEndpoint {
  const weightBp = table.candidate === undefined ? 0 : (table.weightBp ?? 0);
  return {
    endpointId,
    name,
    environment: "production",
    epoch: table.epoch,
    salt: "salt-of-the-release",
    releaseId: table.releaseId ?? null,
    arms: [
      { arm: "stable", versionId: table.stable.versionId, weightBp: 10_000 - weightBp },
      ...(table.candidate === undefined
        ? []
        : [{ arm: "candidate" as const, versionId: table.candidate.versionId, weightBp }]),
      ...(table.previous === undefined
        ? []
        : [{ arm: "previous" as const, versionId: table.previous.versionId, weightBp: 0 }]),
    ],
    windowSeconds: table.windowSeconds ?? 2,
    latencyThresholdsUs: table.latencyThresholdsUs ?? null,
    leaseSeconds: weightBp > 0 ? (table.leaseSeconds ?? 300) : null,
  };
}

export const isReady =
  (versionId: string) =>
  (acks: { versions: readonly { versionId: string; state: string }[] }): boolean =>
    acks.versions.some((version) => version.versionId === versionId && version.state === "ready");

export const isInForce =
  (endpointId: string, epoch: number) =>
  (acks: { endpoints: readonly { endpointId: string; epoch: number }[] }): boolean =>
    acks.endpoints.some(
      (endpoint) => endpoint.endpointId === endpointId && endpoint.epoch === epoch,
    );
