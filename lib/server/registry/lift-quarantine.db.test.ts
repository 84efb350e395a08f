import { afterAll, beforeAll, expect, test } from "vitest";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";

let stage: BatchStage;
beforeAll(async () => {
  stage = await batchStage();
});
afterAll(() => stage.close());

const VERSION = { model: "credit-default", version: "1.1.0" } as const;
const view = (actor = stage.lead) => stage.app.views.readVersionView(actor, VERSION);
const lift = (actor = stage.lead, reason = "The library that crashed was replaced.") => stage.app.registry.liftQuarantine(actor, { ...VERSION, reason });

/** Its sandbox run ends in a crash, as often as it is handed out. Answers how often that was. */
async function crashToTheEnd(versionId: string): Promise<number> {
  const runtimeId = "00000000-0000-4000-8000-000000000001";
  let crashes = 0;
  for (;;) {
    const job = await stage.app.store.telemetry(({ jobs }) => jobs.leaseJob(runtimeId));
    if (job === null) return crashes;
    const isIt = job.versionId === versionId;
    const result = { bootId: runtimeId, outcome: "crashed" as const, problem: "The model host ended with signal SIGSEGV.", profile: null, outputs: [] };
    await stage.app.runtimes.recordJobResult(stage.runtime, { jobId: job.id, result });
    if (isIt) crashes += 1;
  }
}

test("a version that broke its sandbox three times is tried again by a person with a reason, and quarantined again when it breaks again", async () => {
  const before = await view();
  expect(before.mayLiftQuarantine).toEqual({ open: false, closedBecause: "It is not quarantined." });
  await expect(lift()).rejects.toThrow("credit-default 1.1.0 is not quarantined.");
  expect(await crashToTheEnd(before.versionId)).toBe(3);
  expect((await view()).profile).toMatchObject({ state: "quarantined", attempts: 3 });
  expect((await view()).mayLiftQuarantine.open).toBe(true);

  expect((await view(stage.engineer)).mayLiftQuarantine).toEqual({ open: false, closedBecause: "Open to ML leads, validators and administrators." });
  await expect(lift(stage.engineer)).rejects.toMatchObject({ code: "forbidden" });
  await expect(lift(stage.lead, "again")).rejects.toThrow("at least 10 characters");
  expect(await lift()).toEqual({ version: "1.1.0", state: "registered", runtimes: [] });
  expect((await view()).profile).toMatchObject({ state: "waiting", attempts: 0 });
  const { entries } = await stage.app.store.readSnapshot((db) => db.entries.entriesAbout({ type: "version", id: before.versionId }, 50));
  expect(entries.filter(({ action }) => action === "version.quarantine_lifted")).toMatchObject([{ reason: "The library that crashed was replaced." }]);

  expect(await crashToTheEnd(before.versionId)).toBe(3);
  expect((await view()).profile.state).toBe("quarantined");
});
