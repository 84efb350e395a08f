import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { exampleVersion } from "../bench/serving/example-version.ts";
import { inferRequest, modelOf, readHeldOut, readStory } from "../examples/replay.ts";
import { createClient, type Client } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import { desiredEndpoint, isReady } from "./testing/desired.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const story = readStory();
const all = story.models.flatMap((model) =>
  model.versions.map(({ version }) => ({ model: model.name, version })),
);

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let client: Client;
const loaded = new Map<string, DesiredVersion>();
const nameOf = (model: string, version: string) => `${model}-${version.replaceAll(".", "-")}`;

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
  client = createClient(runtime.url);
  for (const { model, version } of all)
    loaded.set(nameOf(model, version), await exampleVersion(control, model, version));
  const endpoints = [...loaded].map(([name, version]) =>
    desiredEndpoint(name, randomUUID(), { epoch: 1, stable: version }),
  );
  control.desire(endpoints, [...loaded.values()]);
  await control.untilAcks("all examples ready", (acks) =>
    [...loaded.values()].every(({ versionId }) => isReady(versionId)(acks)),
  );
});
afterAll(async () => {
  client.close();
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

type Response = {
  readonly outputs: readonly {
    readonly name: string;
    readonly data: readonly (string | number)[];
  }[];
};

describe("the example models", () => {
  it.each(all)(
    "$model $version repeats its golden answers in its model host",
    ({ model, version }) => {
      const { versionId, golden } = loaded.get(nameOf(model, version))!;
      const ack = control.acks?.versions.find((one) => one.versionId === versionId);
      expect(golden.length).toBeGreaterThan(0);
      expect(ack).toMatchObject({
        state: "ready",
        goldenPassed: golden.length,
        goldenTotal: golden.length,
      });
    },
  );

  it.each(story.models.map(({ name }) => name))(
    "%s answers held-out rows one by one as it answers them in one request",
    async (name) => {
      const example = modelOf(story, name);
      const { version } = example.versions[0]!;
      const { columns, rows } = readHeldOut(example);
      const complete = rows.filter(({ cells }) => cells.every((cell) => cell !== "")).slice(0, 40);
      const path = `/v2/models/${nameOf(name, version)}/infer`;
      const infer = async (some: typeof complete): Promise<Response> => {
        const answer = await client.call({
          path,
          body: JSON.stringify(inferRequest(example, columns, some)),
        });
        expect(answer).toMatchObject({ status: 200 });
        return JSON.parse(answer.text) as Response;
      };
      const labelsOf = (response: Response) =>
        response.outputs.find((output) => output.name === example.labelOutput)!.data;
      const together = labelsOf(await infer(complete));
      const alone = await Promise.all(complete.map(async (row) => labelsOf(await infer([row]))[0]));
      expect(together).toEqual(alone);
      const right = complete.filter(({ label }, index) => String(together[index]) === label).length;
      expect(right / complete.length).toBeGreaterThan(0.6);
    },
  );
});
