import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import { deviceProofText } from "#lib/domain/edge/device-proof.ts";
import type { Actor } from "../ports.ts";
import { testApp, testPerson, type TestApp } from "../test-app.ts";

/** A device that a test speaks for. */
export type JoinedDevice = {
  readonly deviceId: string;
  readonly endpointId: string;
  /** The request that it joined with, once more. */
  readonly again: (as?: string) => Promise<{ readonly deviceId: string }>;
  /** The header by which it proves a call. */
  readonly proof: (subject: string) => string;
};

export type DeviceStage = TestApp & {
  readonly engineer: Actor;
  readonly lead: Actor;
  /** Enrols a device of the endpoint "ward", by a code and a key of its own; the answer, and the same request once more. */
  join(name: string): Promise<JoinedDevice>;
};

const MODEL = "tumour-triage";

async function register({ app }: TestApp, engineer: Actor, version: string): Promise<void> {
  const at = (file: string): URL => new URL(`../../../examples/${MODEL}/${version}/${file}`, import.meta.url);
  const form = new FormData();
  form.set("version", version);
  form.set("model", new Blob([readFileSync(at("model.onnx"))]), "model.onnx");
  form.set("golden", readFileSync(at("golden.json"), "utf8"));
  const { headers, body } = new Response(form);
  await app.registerUploaded(engineer, MODEL, { contentType: headers.get("content-type"), contentLength: null, body });
}

/** An endpoint "ward" that is served on devices and runs 1.0.0, in an environment that asks for one approval; 1.1.0 is registered. */
export async function deviceStage(): Promise<DeviceStage> {
  const stage = await testApp();
  const { app } = stage;
  const engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  const lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
  const admin = await testPerson(app, "Oskar Lind", ["admin"]);
  await app.registry.createEnvironment(admin, { name: "clinic", policy: { ...stagingPolicy, approvalsRequired: 1, requiredEvidence: ["artifact_inspected"] } });
  await app.registry.createModel(engineer, { name: MODEL, intendedUse: "Sorts scans on the ward.", riskTier: "low" });
  for (const version of ["1.0.0", "1.1.0"]) await register(stage, engineer, version);
  await app.registry.createEndpoint(lead, { name: "ward", environment: "clinic", model: MODEL, version: "1.0.0", pattern: "edge" });
  return {
    ...stage,
    engineer,
    lead,
    async join(name) {
      const { code } = await app.edge.createDeviceCode(engineer, { endpoint: "ward" });
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const signature = sign(null, Buffer.from(code), privateKey).toString("base64");
      const key = publicKey.export({ format: "der", type: "spki" }).toString("base64");
      const ask = (as = name) => app.deviceDesk.enrol({ code, name: as, hardware: "linux-x64", publicKey: key, signature }, engineer.context);
      const { deviceId, endpointId } = await ask();
      const proof = (subject: string): string => {
        const atMs = Date.now();
        return `${deviceId}.${String(atMs)}.${sign(null, Buffer.from(deviceProofText(deviceId, atMs, subject)), privateKey).toString("base64url")}`;
      };
      return { deviceId, endpointId, again: ask, proof };
    },
  };
}
