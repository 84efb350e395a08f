import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { drawSample } from "#lib/domain/review/sample.ts";
import { verifyConsistency } from "#lib/domain/audit/merkle-verify.ts";
import { sha256 } from "../audit/sha256.ts";
import type { Actor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

const failure = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(() => "done", (error: unknown) => (error instanceof AppError ? error.code : String(error)));

let test: TestApp;
let engineer: Actor, auditor: Actor;
beforeAll(async () => {
  test = await testApp();
  engineer = await testPerson(test.app, "Priya Nair", ["engineer"]);
  auditor = await testPerson(test.app, "Oskar Lind", ["auditor"]);
  for (let index = 0; index < 30; index += 1) {
    await test.app.registry.createModel(engineer, { name: `model-${String(index)}`, intendedUse: "One of many in a test.", riskTier: "low" });
  }
});
afterAll(() => test.close());

const draw = (more: object = {}) =>
  test.app.reviewDesk.draw(auditor, { title: "New models", filter: { action: "model.created" }, count: 8, seed: "2026/Q4", attributes: ["Has an owner", "Purpose is written"], ...more });

it("draws the same sample again from the same filter and seed, of what stood in the trail then", async () => {
  const first = await test.app.reviewDesk.read(auditor, (await draw()).number);
  const again = await test.app.reviewDesk.read(auditor, (await draw()).number);
  expect(again.items.map(({ event }) => event.seq)).toEqual(first.items.map(({ event }) => event.seq));
  expect(first.population).toBe(30);
  expect(first.items.map(({ position }) => position)).toEqual(drawSample(30, 8, "2026/Q4", sha256));
  // Position n of the population is the n-th of these entries in the order of the trail.
  for (const { position, event } of first.items) expect(event.targets[0]?.name).toBe(`model-${String(position)}`);
  expect((await test.app.reviewDesk.read(auditor, (await draw({ seed: "other" })).number)).items.map(({ event }) => event.seq)).not.toEqual(first.items.map(({ event }) => event.seq));
  expect(await failure(draw({ filter: { action: "release.approved" } }))).toBe("invalid_input");
});

it("keeps results, the last word on each counting, and concludes only from a complete test", async () => {
  const { number } = await draw();
  const read = () => test.app.reviewDesk.read(auditor, number);
  const seqs = (await read()).items.map(({ event }) => event.seq);
  const record = (results: object[]) => test.app.review.recordResults(auditor, { number, body: { results } });
  await record(seqs.slice(1).map((seq) => ({ seq, attribute: "Has an owner", held: true })));
  expect((await read()).conclusions[0]?.upperBound).toBeNull();
  await record([{ seq: seqs[0], attribute: "Has an owner", held: true }, { seq: seqs[1], attribute: "Has an owner", held: false, note: "Owner left." }]);
  expect((await read()).conclusions[0]).toMatchObject({ tested: 8, held: 7 });
  expect((await read()).exceptions).toBe(1);
  expect(await failure(record([{ seq: 0, attribute: "Has an owner", held: true }]))).toBe("invalid_input");
  expect(await failure(test.app.review.recordResults(engineer, { number, body: { results: [{ seq: seqs[0], attribute: "Has an owner", held: true }] } }))).toBe("forbidden");
});

it("raises and closes findings once", async () => {
  const { number } = await test.app.review.raiseFinding(auditor, { title: "Owner left", text: "The owner of a model has left the company.", severity: "medium", workPaper: 1, seq: 3 });
  const close = () => test.app.review.closeFinding(auditor, { number, body: { answer: "Another owner was named." } });
  await close();
  expect(await failure(close())).toBe("conflict");
  const { findings } = await test.app.reviewDesk.list(auditor);
  expect(findings.map(({ state, workPaper, closedBy }) => [state, workPaper, closedBy])).toEqual([["closed", 1, "Oskar Lind"]]);
});

it("proves that the trail extends a checkpoint that was kept", async () => {
  const before = (await test.app.audit.list(auditor, { limit: 1 })).trail.checkpoint;
  await (await test.app.trail()).signNow();
  const kept = (await test.app.audit.checkpoints(auditor)).checkpoints[0];
  await test.app.registry.createModel(engineer, { name: "later", intendedUse: "Made after the checkpoint.", riskTier: "low" });
  const proof = await test.app.audit.consistency(auditor, kept?.size ?? 0);
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
  expect(verifyConsistency({ oldSize: proof.earlier.size, oldRoot: bytes(proof.earlier.root), newSize: proof.checkpoint.size, newRoot: bytes(proof.checkpoint.root) }, proof.steps.map(({ hash }) => bytes(hash)), sha256)).toBe(true);
  expect(proof.checkpoint.size).toBeGreaterThan(before?.size ?? 0);
  expect(await failure(test.app.audit.consistency(auditor, 1_000_000))).toBe("not_found");
});

it("prints the filtered trail as a PDF, and the export is an entry", async () => {
  const file = await test.app.audit.exportPdf(auditor, { action: "model.created" });
  expect(file.bytes.subarray(0, 5).toString()).toBe("%PDF-");
  const { events } = await test.app.audit.list(auditor, { action: "audit.exported", limit: 5 });
  expect(events[0]?.after).toMatchObject({ format: "pdf" });
});
