import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamReport } from "#lib/contracts/streams.ts";
import { AppError } from "#lib/domain/errors.ts";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

const BINDING = { name: "credit-events", endpoint: "credit-live", inputTopic: "loans", outputTopic: "scores", deadLetterTopic: "loans-dead", groupId: "credit" };

const bootId = randomUUID();
const SILENCE: StreamReport = {
  bootId, state: "running", problem: null, rollbackSeq: 0, partitions: [], points: [], answered: 0, deadLettered: 0, shadowed: 0, retried: 0, recordsPerSecond: 0, latencyMs: null,
};

describe("streams, on a real database", () => {
  let stage: BatchStage;
  let streamId: string;

  beforeAll(async () => {
    stage = await batchStage();
    await stage.app.registry.createEndpoint(stage.lead, { name: "credit-live", environment: "production", model: "credit-default", version: "1.0.0" });
    await stage.app.runtimes.registerRuntime(stage.runtime, {
      name: "rt-1", bootId, role: "stream", slipwayVersion: "0.1.0", httpUrl: "http://127.0.0.1:8080", grpcUrl: null, cpuCount: 2, memoryBytes: 1_000_000,
    });
  });
  afterAll(() => stage.close());

  const view = () => stage.app.streams.readStream(stage.lead, { name: "credit-events" });
  const desired = async () => (await stage.app.store.read((db) => db.desired.readDesiredState())).streams?.find(({ name }) => name === "credit-events");
  const report = (more: Partial<StreamReport>) =>
    stage.app.streams.receiveStreamReport(stage.runtime, streamId, {
      ...SILENCE,
      ...more,
    });

  it("binds topics once, refuses what would go in a circle, and who may not", async () => {
    expect(await codeOf(stage.app.streams.createStream({ ...stage.engineer, roles: [{ role: "viewer", environmentId: null }] }, BINDING))).toBe("forbidden");
    expect(await codeOf(stage.app.streams.createStream(stage.engineer, { ...BINDING, endpoint: "credit-nightly" }))).toBe("invalid_input");
    await expect(stage.app.streams.createStream(stage.engineer, { ...BINDING, outputTopic: "loans" })).rejects.toThrow("another one");
    streamId = (await stage.app.streams.createStream(stage.engineer, BINDING)).id;
    expect(await codeOf(stage.app.streams.createStream(stage.engineer, { ...BINDING, name: "other" }))).toBe("conflict");
    expect(await desired()).toMatchObject({ endpoint: "credit-live", inputTopic: "loans", state: "running", rollback: null, maxInFlight: 64 });
    expect((await view()).stream).toMatchObject({ health: "waiting", lag: null });
  });

  it("shows places and lag by the newest word of each partition, and keeps the earliest replay point", async () => {
    await report({ partitions: [{ partition: 0, next: 10, end: 15 }, { partition: 1, next: 4, end: 4 }], points: [{ partition: 0, epoch: 1, offset: 3 }], answered: 14, latencyMs: { p50: 5, p99: 20 } });
    await report({ partitions: [{ partition: 0, next: 12, end: 15 }, { partition: 1, next: 4, end: 4 }], points: [{ partition: 0, epoch: 1, offset: 7 }], answered: 16 });
    const now = await view();
    expect(now.stream).toMatchObject({ health: "running", lag: 3 });
    expect(now.replays).toMatchObject([{ epoch: 1, records: 9, ranges: [{ partition: 0, from: 3, to: 12, count: 9 }] }]);
    expect(await stage.app.streams.receiveStreamReport(stage.runtime, randomUUID(), SILENCE)).toEqual({ accepted: false });
  });

  it("rolls back by one person with a reason, as desired state, and says when the runtimes have gone back", async () => {
    expect(await codeOf(stage.app.streams.rollBackStream({ ...stage.engineer, roles: [{ role: "auditor", environmentId: null }] }, { name: "credit-events", epoch: 1, reason: "A reason long enough." }))).toBe("forbidden");
    expect(await codeOf(stage.app.streams.rollBackStream(stage.engineer, { name: "credit-events", epoch: 2, reason: "Nothing was answered since." }))).toBe("conflict");
    const done = await stage.app.streams.rollBackStream(stage.engineer, { name: "credit-events", epoch: 1, reason: "The scores were wrong." });
    expect(done).toMatchObject({ seq: 1, records: 9 });
    expect((await desired())?.rollback).toEqual({ seq: 1, to: [{ partition: 0, offset: 3, seq: 1 }] });
    expect((await view()).rollback).toEqual({ seq: 1, applied: false, partitions: 1, goneBack: 0 });
    await report({ rollbackSeq: 1, partitions: [{ partition: 0, next: 3, end: 15 }] });
    expect((await view()).rollback).toEqual({ seq: 1, applied: true, partitions: 1, goneBack: 1 });
  });

  it("is rolled back only when every runtime has gone back, each for the partitions that it holds", async () => {
    const other = { bootId: randomUUID(), partitions: [{ partition: 1, next: 9, end: 9 }] };
    await report({ rollbackSeq: 1, partitions: [{ partition: 0, next: 8, end: 15 }], points: [{ partition: 0, epoch: 3, offset: 6 }] });
    await report({ ...other, rollbackSeq: 1, points: [{ partition: 1, epoch: 3, offset: 5 }] });
    await stage.app.streams.rollBackStream(stage.engineer, { name: "credit-events", epoch: 3, reason: "The scores were wrong again." });
    await report({ state: "failing", problem: "connect ECONNREFUSED 127.0.0.1:9092", rollbackSeq: 2, partitions: [{ partition: 0, next: 6, end: 15 }] });
    const half = await view();
    expect(half.rollback).toEqual({ seq: 2, applied: false, partitions: 2, goneBack: 1 });
    expect(half.say).toContain("connect ECONNREFUSED 127.0.0.1:9092. It was rolled back: 1 of 2 partitions have gone back.");
    // A later roll back does not take away what the second partition still owes to this one.
    await report({ ...other, rollbackSeq: 1, points: [{ partition: 1, epoch: 5, offset: 8 }] });
    await stage.app.streams.rollBackStream(stage.engineer, { name: "credit-events", epoch: 5, reason: "The newest scores too." });
    expect((await desired())?.rollback).toEqual({ seq: 3, to: [{ partition: 1, offset: 5, seq: 2 }, { partition: 1, offset: 8, seq: 3 }] });
    await report({ ...other, rollbackSeq: 3, partitions: [{ partition: 1, next: 5, end: 9 }] });
    await report({ rollbackSeq: 3, partitions: [{ partition: 0, next: 6, end: 15 }] });
    expect((await view()).rollback).toMatchObject({ applied: true });
  });

  it("pauses and goes on; a second time changes nothing", async () => {
    expect(await stage.app.streams.pauseStream(stage.engineer, { name: "credit-events" })).toMatchObject({ state: "paused" });
    await stage.app.streams.pauseStream(stage.engineer, { name: "credit-events" });
    expect((await desired())?.state).toBe("paused");
    expect((await view()).stream.health).toBe("paused");
    await stage.app.streams.resumeStream(stage.engineer, { name: "credit-events" });
    expect((await desired())?.state).toBe("running");
  });
});
