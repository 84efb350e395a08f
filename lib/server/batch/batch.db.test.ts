import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchReport, BatchWork } from "#lib/contracts/batch.ts";
import { EMPTY_DIFFERENCE } from "#lib/domain/batch/difference.ts";
import { EMPTY_REPORT } from "#lib/domain/batch/report.ts";
import { AppError } from "#lib/domain/errors.ts";
import { testPerson } from "../test-app.ts";
import { batchStage, type BatchStage } from "./batch-stage.fixture.ts";
import { finishDueJobs } from "./finish-job.ts";
import { startDueSchedules } from "./start-batch.ts";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

const HEADER =
  "monthly_income,monthly_expenses,savings_balance,existing_debt,loan_amount,loan_term_months,employment_months,late_payments_24m,credit_history_months,employment_type,housing,purpose";
const ROW = "2355,1193,7097,7591,6100,12,49,0,126,permanent,tenant,home_improvement";
const table = (rows: number): string => `${HEADER}\n${`${ROW}\n`.repeat(rows)}`;

describe("batch jobs, on a real database", () => {
  let stage: BatchStage;
  let bootId: string;
  let input: string;

  beforeAll(async () => {
    stage = await batchStage();
    input = await stage.upload("loans.csv", table(1000));
    bootId = await boot();
  });
  afterAll(() => stage.close());

  async function boot(): Promise<string> {
    const id = randomUUID();
    await stage.app.runtimes.registerRuntime(stage.runtime, {
      name: "rt-1", bootId: id, role: "serve", slipwayVersion: "0.1.0", httpUrl: "http://127.0.0.1:8080", grpcUrl: null, cpuCount: 2, memoryBytes: 1_000_000,
    });
    return id;
  }

  const create = (more: Record<string, unknown> = {}) =>
    stage.app.startBatchJob(stage.engineer, { endpoint: "credit-nightly", source: { kind: "upload", digest: input }, partitionRows: 250, ...more });
  const lease = async (boot = bootId): Promise<BatchWork> => {
    const { work } = await stage.app.batch.leaseBatch(stage.runtime, boot);
    if (work === null) throw new Error("There was no work.");
    return work;
  };
  const finish = async (work: BatchWork, text: string, report: Partial<BatchReport> = {}, errors: string | null = null): Promise<boolean> => {
    const keep = async (part: string): Promise<string> =>
      (await stage.app.receiveBatchPart(stage.runtime, (async function* () { yield await Promise.resolve(Buffer.from(part)); })())).digest;
    const result = {
      bootId,
      leaseToken: work.leaseToken,
      output: await keep(text),
      errors: errors === null ? null : await keep(errors),
      report: { ...EMPTY_REPORT, answered: work.input.rows, ...report } as BatchReport,
      problem: null,
    };
    return (await stage.app.batch.recordBatchResult(stage.runtime, work, result)).accepted;
  };
  const settle = (): Promise<number> => finishDueJobs(stage.app.store, () => stage.app.artifacts());
  const job = async (number: number) => (await stage.app.batch.readBatchJob(stage.lead, { number })).job;

  it("keeps a part out of a version's columns away before anything is begun", async () => {
    const wrong = await stage.upload("other.csv", "a,b\n1,2\n");
    expect(await codeOf(create({ source: { kind: "upload", digest: wrong } }))).toBe("invalid_input");
    expect(await codeOf(create({ source: { kind: "upload", digest: `sha256:${"0".repeat(64)}` } }))).toBe("invalid_input");
    expect(await codeOf(create({ idColumn: "customer" }))).toBe("invalid_input");
    expect(await codeOf(create({ source: { kind: "file", path: "../secret.csv" } }))).toBe("invalid_input");
    expect(await codeOf(create({ source: { kind: "s3", bucket: "somewhere", key: "x.csv" } }))).toBe("invalid_input");
    expect(await codeOf(stage.app.startBatchJob({ ...stage.engineer, roles: [{ role: "viewer", environmentId: null }] }, { endpoint: "credit-nightly", source: { kind: "upload", digest: input } }))).toBe("forbidden");
  });

  it("refuses what is no file of rows, and leaves nothing behind", async () => {
    expect(await codeOf(stage.upload("a.txt", "a\n1\n"))).toBe("invalid_input");
    expect(await codeOf(stage.upload("a.csv", "a,a\n1,2\n"))).toBe("invalid_input");
    expect(await codeOf(stage.upload("a.csv", "a,b\n"))).toBe("invalid_input");
    expect(await codeOf(stage.upload("a.jsonl", "[1,2]\n"))).toBe("invalid_input");
    expect(await codeOf(stage.upload("a.parquet", "PAR1 not really PAR1"))).toBe("invalid_input");
  });

  it("gives each part to one runtime, takes its result once, and joins the parts in the order of the rows", async () => {
    const { number, partitions } = await create();
    expect(partitions).toBe(4);
    const works = [await lease(), await lease(), await lease(), await lease()];
    expect(works.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect((await stage.app.batch.leaseBatch(stage.runtime, bootId)).work).toBeNull();
    // The last part comes first; a repeated result changes nothing.
    for (const work of [...works].reverse()) {
      expect(await finish(work, `row,label\n${work.input.firstRow},repaid\n`, { predictions: { repaid: work.input.rows } })).toBe(true);
      expect(await finish(work, "row,label\n0,forged\n")).toBe(false);
    }
    await settle();
    expect(await settle()).toBe(0);
    const view = await stage.app.batch.readBatchJob(stage.lead, { number });
    expect(view.job).toMatchObject({ state: "succeeded", rowsDone: 1000, outputVersion: 1, isCurrent: true });
    expect(view.report.predictions).toEqual({ repaid: 1000 });
    const digest = view.output?.digest ?? "";
    expect((await stage.read(digest)).toString()).toBe("row,label\n0,repaid\n250,repaid\n500,repaid\n750,repaid\n");
  });

  it("lets a later run become current, and makes the output before it current again with one act", async () => {
    const { number } = await create();
    for (let part = 0; part < 4; part += 1) await finish(await lease(), "row,label\n1,defaulted\n", { predictions: { defaulted: 250 } });
    await settle();
    const { outputs } = await stage.app.batch.readBatchJob(stage.lead, { number });
    expect(outputs.map(({ version, isCurrent }) => [version, isCurrent])).toEqual([[2, true], [1, false]]);
    expect(outputs[0]?.stabilityIndex).toBeGreaterThan(0.25);
    const before = outputs.find(({ version }) => version === 1);
    await stage.app.batch.makeOutputCurrent(stage.engineer, { outputId: before?.id ?? "", reason: "The new run calls everybody defaulted." });
    const found = await stage.app.batch.findBatchOutput(stage.lead, { endpoint: "credit-nightly", name: "results" });
    expect(found).toMatchObject({ version: 1, digest: before?.digest });
    expect((await stage.app.batch.readBatchJob(stage.lead, { number })).outputs.map(({ isCurrent }) => isCurrent)).toEqual([false, true]);
  });

  it("keeps an output with too many failed rows from becoming current", async () => {
    const { number } = await create({ failureLimitBp: 100 });
    for (let part = 0; part < 4; part += 1) await finish(await lease(), "row,label\n", { answered: 200, failed: 50 }, '{"row":0,"code":"contract","message":"no"}\n');
    await settle();
    const view = await stage.app.batch.readBatchJob(stage.lead, { number });
    expect(view.job).toMatchObject({ state: "failed", outputVersion: 3, isCurrent: false, failedRows: 200 });
    expect(view.problem).toContain("200 of 1000 rows have no answer");
    expect(view.hasErrors).toBe(true);
  });

  it("stops handing out while paused, throws away what a holder still sends, and goes on where it was", async () => {
    const { number } = await create();
    await finish(await lease(), "row,label\n");
    const held = await lease();
    await stage.app.batch.pauseBatchJob(stage.engineer, { number });
    expect(await stage.app.batch.tickBatch(stage.runtime, held, { bootId, leaseToken: held.leaseToken, rowsDone: 10 })).toEqual({ goOn: false });
    expect(await finish(held, "row,label\nlate\n")).toBe(false);
    expect((await stage.app.batch.leaseBatch(stage.runtime, bootId)).work).toBeNull();
    expect(await codeOf(stage.app.batch.pauseBatchJob(stage.engineer, { number }))).toBe("illegal_transition");
    await stage.app.batch.resumeBatchJob(stage.engineer, { number });
    expect((await job(number)).rowsDone).toBe(250);
    for (let part = 0; part < 3; part += 1) await finish(await lease(), "row,label\n");
    await settle();
    expect((await job(number)).state).toBe("succeeded");
  });

  it("gives the parts of a boot that is gone to the next boot at once", async () => {
    const { number } = await create();
    const lost = await lease();
    const next = await boot();
    const again = await lease(next);
    expect([again.index, again.leaseToken === lost.leaseToken]).toEqual([lost.index, false]);
    expect(await finish(lost, "row,label\nfrom the dead\n")).toBe(false);
    bootId = next;
    await stage.app.batch.cancelBatchJob(stage.engineer, { number, reason: "Wrong file." });
    expect((await job(number)).state).toBe("cancelled");
    expect(await finish(again, "row,label\n")).toBe(false);
  });

  it("gives a job up when a part fails on every try, and says why", async () => {
    const { number } = await create();
    for (let round = 0; round < 5; round += 1) {
      const { work } = await stage.app.batch.leaseBatch(stage.runtime, bootId);
      if (work === null) break;
      const result = { bootId, leaseToken: work.leaseToken, output: null, errors: null, report: null, problem: "The model does not load here." };
      await stage.app.batch.recordBatchResult(stage.runtime, { jobId: work.jobId, index: 0 }, { ...result });
    }
    await settle();
    const view = await stage.app.batch.readBatchJob(stage.lead, { number });
    expect([view.job.state, view.problem]).toEqual(["failed", "The model does not load here."]);
  });

  it("moves a batch endpoint to another version by comparison and another person's approval, and back", async () => {
    const body = { endpoint: "credit-nightly", version: "1.1.0", source: { kind: "upload" as const, digest: input }, sliceRows: 500 };
    const { number, jobNumber } = await stage.app.startBatchChange(stage.engineer, body);
    expect(await codeOf(stage.app.startBatchChange(stage.engineer, body))).toBe("conflict");
    expect(await codeOf(stage.app.batch.approveBatchChange(stage.lead, { number, digest: `sha256:${"0".repeat(64)}`, reason: "Looks right to me." }))).toBe("illegal_transition");
    for (let part = 0; part < 2; part += 1) {
      const work = await lease();
      expect([work.version.versionName, work.compareWith?.versionName]).toEqual(["1.0.0", "1.1.0"]);
      const difference = { ...EMPTY_DIFFERENCE, rows: 250, bothAnswered: 250, otherClass: 5, currentClasses: { a: 250 }, newClasses: { a: 245, b: 5 }, moves: { "a → b": 5 } };
      await finish(work, "{}\n", { difference });
    }
    await settle();
    const view = await stage.app.batch.readBatchChange(stage.lead, { number });
    expect(view.difference?.otherClass?.share).toBeCloseTo(0.02, 10);
    expect(view.say).toContain("Of 500 rows that both answered, 10 (2 %; 95 % interval");
    const decision = { number, digest: view.digest ?? "", reason: "Two in a hundred move, all near the line." };
    expect(await codeOf(stage.app.batch.approveBatchChange({ ...stage.engineer, roles: stage.lead.roles }, decision))).toBe("self_approval");
    expect(await codeOf(stage.app.batch.approveBatchChange(stage.lead, { ...decision, digest: `sha256:${"0".repeat(64)}` }))).toBe("stale_version");
    expect(await stage.app.batch.approveBatchChange(stage.lead, decision)).toMatchObject({ state: "applied" });
    expect((await job(jobNumber)).state).toBe("succeeded");

    const next = await create();
    expect((await job(next.number)).versionName).toBe("1.1.0");
    await stage.app.batch.revertBatchChange(stage.engineer, { number, reason: "The new version is slower at night." });
    const after = await create();
    expect((await job(after.number)).versionName).toBe("1.0.0");
    expect((await job(next.number)).versionName).toBe("1.1.0");
    for (const { number: open } of [next, after]) await stage.app.batch.cancelBatchJob(stage.engineer, { number: open });
  });

  it("asks of a change what the model's risk tier asks of a release: an ML lead and a validator, never two accounts of one person", async () => {
    const environment = (await stage.app.store.read((db) => db.endpoints.getEndpoint({ name: "credit-nightly" }))).environment;
    const { riskTier } = await stage.app.store.read((db) => db.models.getModel("credit-default"));
    const set = (approvalsByTier: typeof environment.policy.approvalsByTier) =>
      stage.app.registry.changeEnvironmentPolicy(stage.admin, { environment: environment.name, policy: { ...environment.policy, approvalsByTier }, reason: "Two pairs of eyes for this tier." });
    await set({ [riskTier]: { approvalsRequired: 2, approverRoles: ["ml_lead", "validator"], eachOf: ["ml_lead", "validator"] } });
    const { number } = await stage.app.startBatchChange(stage.engineer, { endpoint: "credit-nightly", version: "1.1.0", source: { kind: "upload" as const, digest: input }, sliceRows: 500 });
    for (let part = 0; part < 2; part += 1) await finish(await lease(), "{}\n", { difference: { ...EMPTY_DIFFERENCE, rows: 250, bothAnswered: 250, currentClasses: { a: 250 }, newClasses: { a: 250 } } });
    await settle();
    const { digest } = await stage.app.batch.readBatchChange(stage.lead, { number });
    const decision = { number, digest: digest ?? "", reason: "Nothing moves between the two." };
    const otherAccount = { ...stage.lead, personId: stage.engineer.personId };
    expect(await codeOf(stage.app.batch.approveBatchChange(otherAccount, decision))).toBe("self_approval");
    expect(await stage.app.batch.approveBatchChange(stage.lead, decision)).toMatchObject({ state: "awaiting_approval" });
    expect((await stage.app.batch.readBatchChange(stage.lead, { number })).say).toContain("It waits for one approval");
    const second = await testPerson(stage.app, "Lena Brandt", ["ml_lead"]);
    expect(await stage.app.batch.approveBatchChange(second, decision)).toMatchObject({ state: "awaiting_approval" });
    const validator = await testPerson(stage.app, "Yusuf Demir", ["validator"]);
    expect(await stage.app.batch.approveBatchChange(validator, decision)).toMatchObject({ state: "applied" });
    await stage.app.batch.revertBatchChange(stage.engineer, { number, reason: "Back for the tests that follow." });
    await set({});
  });

  it("starts a job when its time has come, once however many ask, and with the rights its maker still has", async () => {
    const { id } = await stage.app.batch.createBatchSchedule(stage.engineer, {
      endpoint: "credit-nightly", source: { kind: "upload", digest: input }, cron: "0 3 * * *", timeZone: "Europe/Berlin",
    });
    expect(await codeOf(stage.app.batch.createBatchSchedule(stage.engineer, { endpoint: "credit-nightly", source: { kind: "upload", digest: input }, cron: "every night" }))).toBe("invalid_input");
    const due = () => stage.app.store.write(async ({ uow, appendAudit }) => {
      const schedule = await uow.batchSchedules.getSchedule(id);
      await uow.batchSchedules.saveSchedule(schedule, { nextAt: new Date(Date.now() - 1000) });
      await appendAudit({ drafts: [{ action: "batch.schedule_enabled", targets: [] }], actor: stage.engineer, context: stage.engineer.context, forceCheckpoint: false });
    });
    const desk = { store: stage.app.store, artifacts: await stage.app.artifacts(), maxUploadBytes: 1e9, places: { directory: null, s3: null } };
    const before = (await stage.app.batch.readBatchList(stage.lead, {})).total;
    await due();
    await Promise.allSettled([startDueSchedules(desk), startDueSchedules(desk)]);
    const view = await stage.app.batch.readBatchList(stage.lead, {});
    expect(view.total).toBe(before + 1);
    expect(view.jobs[0]).toMatchObject({ isScheduled: true, createdBy: "Priya Nair" });
    await due();
    await stage.app.people.disablePerson(stage.admin, { personId: stage.engineer.userId ?? "" });
    await startDueSchedules(desk);
    const late = await stage.app.batch.readBatchList(stage.lead, {});
    expect(late.total).toBe(before + 1);
    expect(late.schedules[0]?.lastProblem).toBe("Priya Nair has no access any more.");
  });
});
