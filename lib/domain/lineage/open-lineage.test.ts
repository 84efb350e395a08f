import { expect, test } from "vitest";
import { releaseEvent, registeredEvent } from "./open-lineage.ts";

const SOURCE = { publicUrl: "https://slipway.example.com", productVersion: "0.1.0", eventTime: "2026-03-01T10:00:00.000Z", runId: "0199b1f0-5a3e-7c21-8f00-1234567890ab" };
const VERSION = { model: "credit", version: "3.2.0", digest: `sha256:${"a".repeat(64)}`, run: "r1", commit: "c1", dataset: "applications-2025", datasetSha256: "b".repeat(64) };

test("registering reads the training data and writes the version, with the run it came from", () => {
  const event = registeredEvent(SOURCE, VERSION);
  expect(event).toMatchObject({
    eventType: "COMPLETE",
    job: { namespace: SOURCE.publicUrl, name: "register.credit" },
    inputs: [{ name: "applications-2025", facets: { version: { datasetVersion: `sha256:${"b".repeat(64)}` } } }],
    outputs: [{ name: "models/credit", facets: { version: { datasetVersion: `3.2.0 ${VERSION.digest}` } } }],
    run: { runId: SOURCE.runId, facets: { slipway_training: { trainingRun: "r1", commit: "c1" } } },
  });
  // What every facet must have by the specification.
  for (const facets of [event.run.facets, event.job.facets, ...event.outputs.map((one) => one.facets)]) {
    for (const facet of Object.values(facets)) expect(facet).toMatchObject({ _producer: expect.stringMatching(/^https:/), _schemaURL: expect.stringMatching(/^https:.*#/) });
  }
});

test("a version without lineage names no input and no run", () => {
  const event = registeredEvent(SOURCE, { ...VERSION, run: null, commit: null, dataset: null, datasetSha256: null });
  expect([event.inputs, "slipway_training" in event.run.facets]).toEqual([[], false]);
});

test.each([["PROVISIONING", "START"], ["STEP_ACTIVE", "RUNNING"], ["BAKING", "RUNNING"], ["COMPLETED", "COMPLETE"], ["ROLLED_BACK", "FAIL"], ["REJECTED", "ABORT"], ["CANCELLED", "ABORT"]])(
  "a release in %s is %s to a catalogue",
  (state, type) => {
    const event = releaseEvent(SOURCE, { number: 7, endpoint: "credit", environment: "production", state, candidate: VERSION });
    expect([event.eventType, event.outputs[0]?.name, event.inputs[0]?.name]).toEqual([type, "endpoints/credit", "models/credit"]);
  },
);
