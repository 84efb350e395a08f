import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { kafkaForTests } from "../../../scripts/testing/kafka-broker.ts";
import { createTopics, produce, readAll, type TopicRecord } from "../../../scripts/testing/kafka-topics.ts";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../../runtime/testing/runtime-process.ts";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";
import { newId } from "../new-id.ts";

type Golden = { request: Record<string, unknown> }[];
const GOLDEN = JSON.parse(readFileSync(new URL("../../../examples/credit-default/1.0.0/golden.json", import.meta.url), "utf8")) as Golden;
const REQUEST = GOLDEN[0]?.request ?? {};
const PARTITIONS = 3;
const KEYS = 40;

const kafka = await kafkaForTests();
if (typeof kafka === "string") process.stdout.write(`${kafka}\n`);

type Numbered = { readonly n: number; readonly record: TopicRecord };

/** Record `n` of a run: every fiftieth cannot be answered. */
const input = (n: number): { key: string; value: string } => ({
  key: `customer-${n % KEYS}`,
  value: n % 50 === 7 ? `{"id":"${n}","inputs":[{"name":"monthly_income"}]}` : JSON.stringify({ id: String(n), ...REQUEST }),
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe.skipIf(typeof kafka === "string")("streams on a real runtime and a real broker", () => {
  if (typeof kafka === "string") return;
  let stage: BatchStage;
  let control: Awaited<ReturnType<BatchStage["serveRuntimes"]>>;
  let directory: string;
  let runtime: RuntimeProcess;

  const start = (): Promise<RuntimeProcess> => startRuntime(directory, control, { SLIPWAY_RUNTIME_ROLE: "stream", SLIPWAY_KAFKA_BROKERS: kafka.address });
  const view = () => stage.app.streams.readStream(stage.lead, { name: "credit-events" });
  const until = async (holds: (now: Awaited<ReturnType<typeof view>>) => boolean): Promise<Awaited<ReturnType<typeof view>>> => {
    const deadline = performance.now() + 90_000;
    for (;;) {
      const now = await view();
      if (holds(now)) return now;
      if (performance.now() > deadline) throw new Error(`The stream did not get there: ${JSON.stringify(now)}\n${runtime.log().slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** All records up to this many are behind the committed places. */
  const through = (total: number) => until(({ partitions }) => partitions.reduce((sum, { next }) => sum + next, 0) >= total);
  const read = async (topic: string): Promise<Numbered[]> =>
    (await readAll(kafka.address, topic, PARTITIONS)).map((record) => ({ n: Number((JSON.parse(record.value) as { id: string }).id), record }));
  /** Weights as a release would set them; epoch of the new table. */
  const route = async (weightBp: number): Promise<number> => {
    const endpoint = await stage.app.store.read((db) => db.endpoints.getEndpoint({ name: "credit-live" }));
    const versions = await stage.app.store.read((db) => db.models.listVersions(endpoint.modelId));
    const idOf = (name: string): string => versions.find((version) => version.name === name)?.id ?? "";
    return stage.app.store.write(async ({ uow, appendAudit, publish }) => {
      const epoch = await uow.endpoints.appendRoute({
        id: newId(), endpointId: endpoint.id, salt: "salt", releaseId: null, latencyThresholdsUs: null, leaseSeconds: 300, cause: "release", actor: "test",
        arms: [
          { arm: "stable", versionId: idOf("1.0.0"), weightBp: 10_000 - weightBp },
          { arm: "candidate", versionId: idOf("1.1.0"), weightBp },
        ],
      } as never);
      const target = { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null } as const;
      await appendAudit({ drafts: [{ action: "endpoint.created", targets: [target] }], actor: stage.admin, context: stage.admin.context, forceCheckpoint: false });
      await publish(["desired-state"]);
      return epoch;
    });
  };

  beforeAll(async () => {
    stage = await batchStage();
    await stage.app.registry.createEndpoint(stage.lead, { name: "credit-live", environment: "production", model: "credit-default", version: "1.0.0" });
    control = await stage.serveRuntimes();
    directory = await makeDataDirectory();
    await createTopics(kafka.address, ["loans", "scores", "loans-dead", "scores-shadow"], PARTITIONS);
    await stage.app.streams.createStream(stage.engineer, {
      name: "credit-events", endpoint: "credit-live", inputTopic: "loans", outputTopic: "scores", deadLetterTopic: "loans-dead", shadowTopic: "scores-shadow",
      groupId: "credit-events", maxInFlight: 16,
    });
    runtime = await start();
  });
  afterAll(async () => {
    await runtime.stop();
    await control.close();
    await stage.close();
    await kafka.stop();
    await removeDataDirectory(directory);
  });

  it("answers each record once, in the order of its key, and puts aside with a reason what it cannot answer", async () => {
    await produce(kafka.address, "loans", range(0, 400).map(input));
    const done = await through(400);
    expect(done).toMatchObject({ stream: { health: "running", lag: 0, deadLettered: 8 }, answered: 392 });
    const scores = await read("scores");
    const dead = await read("loans-dead");
    expect(scores.map(({ n }) => n).sort((a, b) => a - b)).toEqual(range(0, 400).filter((n) => n % 50 !== 7));
    expect(dead.map(({ n }) => n).sort((a, b) => a - b)).toEqual(range(0, 400).filter((n) => n % 50 === 7));
    for (const { record } of dead) expect(record.headers).toMatchObject({ "slipway-reason": "bad_request", "slipway-source": expect.stringMatching(/^loans\/\d\/\d+$/) as string });
    for (const key of new Set(scores.map(({ record }) => record.key))) {
      const order = scores.filter(({ record }) => record.key === key).map(({ n }) => n);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    expect(scores.every(({ record }) => record.headers["slipway-version"] === "1.0.0")).toBe(true);
  });

  it("loses no answer and shows none twice when the runtime and then the broker are killed in the middle; a canary keeps to its keys", async () => {
    await route(5000);
    const before = (await view()).answered;
    await produce(kafka.address, "loans", range(400, 3400).map(input));
    await until(({ answered }) => answered > before + 200);
    await runtime.kill9();
    runtime = await start();
    await until(({ answered }) => answered > before + 900);
    await kafka.kill9();
    await kafka.restart();
    await through(3400);
    const seen = [...(await read("scores")), ...(await read("loans-dead"))].map(({ n }) => n).sort((a, b) => a - b);
    expect(seen).toEqual(range(0, 3400));
    // A runtime that has just started gives a canary nothing until it has heard from the control plane; then its keys, and no others.
    const canary = (await read("scores")).filter(({ record }) => record.headers["slipway-version"] === "1.1.0");
    expect(canary.every(({ record }) => bucketOf("salt", record.key ?? "") < 5000)).toBe(true);
    expect(new Set(canary.map(({ record }) => record.key)).size).toBe(new Set(range(0, KEYS).map((n) => input(n).key).filter((key) => bucketOf("salt", key) < 5000)).size);
  });

  it("goes back to where the canary began, answers those records again by the stable version, and nothing before them", async () => {
    const back = await route(0);
    const shown = await until(({ replays }) => replays.some(({ epoch }) => epoch === back - 1));
    const replay = shown.replays.find(({ epoch }) => epoch === back - 1);
    expect(replay?.arms.map(({ versionName, weightBp }) => [versionName, weightBp])).toEqual([["1.0.0", 5000], ["1.1.0", 5000]]);
    const done = await stage.app.streams.rollBackStream(stage.engineer, { name: "credit-events", epoch: back - 1, reason: "The candidate rates too kindly." });
    expect(done.ranges).toEqual(replay?.ranges);
    await until(({ rollback, stream }) => rollback?.applied === true && stream.lag === 0);
    await through(3400);
    const scores = await read("scores");
    const times = new Map<number, TopicRecord[]>();
    for (const { n, record } of scores) times.set(n, [...(times.get(n) ?? []), record]);
    const again = [...times.values()].filter((records) => records.length === 2);
    const dead = (await read("loans-dead")).length;
    expect(again.length + (dead - 68)).toBe(replay?.records);
    expect([...times.values()].every((records) => records.length <= 2)).toBe(true);
    expect(again.every(([, second]) => second?.headers["slipway-version"] === "1.0.0")).toBe(true);
    expect(range(0, 400).every((n) => n % 50 === 7 || times.get(n)?.length === 1)).toBe(true);
  });

  it("waits while paused and goes on from there", async () => {
    await stage.app.streams.pauseStream(stage.engineer, { name: "credit-events" });
    await until(({ runtimes }) => runtimes.every(({ state }) => state === "paused"));
    await produce(kafka.address, "loans", range(3400, 3500).map(input));
    await stage.app.streams.resumeStream(stage.engineer, { name: "credit-events" });
    await through(3500);
    expect((await read("scores")).filter(({ n }) => n >= 3400)).toHaveLength(98);
  });
});
