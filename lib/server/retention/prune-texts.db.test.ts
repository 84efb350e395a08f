import { afterAll, beforeAll, expect, it } from "vitest";
import { sampleLeaf } from "#lib/domain/audit/sample-log.fixture.ts";
import { AppError } from "#lib/domain/errors.ts";
import { connect, pgAuditStore } from "../db/audit-store.fixture.ts";
import type { Actor } from "../ports.ts";
import { testApp, testPerson, type TestApp } from "../test-app.ts";

const WHY = "Their time is over, and nobody needs them.";
const OLD = "2024-02-03T04:05:06.789Z";

let stage: TestApp;
let compliance: Actor;

beforeAll(async () => {
  stage = await testApp();
  compliance = await testPerson(stage.app, "Ruth Keller", ["compliance"]);
  const client = await connect(stage.database.appUrl);
  const leaves = Array.from({ length: 12 }, (_, n) => sampleLeaf(n).replace(/"ts":"[^"]+"/, `"ts":"${OLD}"`).replace(/"action":"[^"]+"/, '"action":"release.approved"'));
  await pgAuditStore(client).append(leaves, false);
  await client.end();
  await (await stage.app.trail()).signNow();
});
afterAll(() => stage.close());

const refusal = (attempt: Promise<unknown>): Promise<string> => attempt.then(() => "done", (error: unknown) => (error instanceof AppError ? `${error.code}: ${error.message}` : String(error)));
const prune = () => stage.app.retention.pruneTexts(compliance, { reason: WHY });

it("prunes nothing before its time, and nothing while the trail is on hold", async () => {
  expect(await prune()).toMatchObject({ texts: 0, rule: "kept for 3653 days, the rule of this installation" });
  await stage.app.retention.setRetention(compliance, { recordClass: "audit_trail", days: 184, reason: WHY });
  const hold = await stage.app.retention.placeHold(compliance, { name: "Case 7", reason: WHY });
  expect((await stage.app.retention.readRetention(compliance, {})).pruning).toMatchObject({ ready: 12, isHeld: true, acts: [] });
  expect(await refusal(prune())).toBe("conflict: The audit trail is on legal hold: Case 7.");
  await stage.app.retention.liftHold(compliance, { holdId: hold.id, reason: WHY });
});

it("prunes once, in an act of its own that the trail, the page and the verification tell of", async () => {
  const engineer = await testPerson(stage.app, "Priya Nair", ["engineer"]);
  expect(await refusal(stage.app.retention.pruneTexts(engineer, { reason: WHY }))).toMatch(/^forbidden/);
  const answers = await Promise.all([prune(), prune(), prune()]);
  expect(answers.map(({ texts }) => texts).sort()).toEqual([0, 0, 12]);

  const { events, total } = await stage.app.audit.list(compliance, { action: "audit.texts_pruned", limit: 50 });
  expect(total).toBe(1);
  expect(events[0]).toMatchObject({ actor: { name: "Ruth Keller" }, reason: WHY, after: { texts: 12, days: 184, rule: "kept for 184 days, Checklist item GOV-3" } });
  const { pruning } = await stage.app.retention.readRetention(compliance, {});
  expect(pruning).toMatchObject({ ready: 0, isHeld: false, acts: [{ texts: 12, rule: "kept for 184 days, Checklist item GOV-3" }] });
  const { events: old } = await stage.app.audit.list(compliance, { action: "release.approved", limit: 50 });
  expect(old).toHaveLength(12);
  expect(old.every(({ textPruned, actor }) => textPruned !== undefined && actor.name === "Name pruned")).toBe(true);
  const [first] = old;
  expect(await stage.app.audit.prove(compliance, first?.seq ?? -1)).toMatchObject({ leaf: "", leafHash: first?.leafHash });
  expect(await stage.app.audit.verify(compliance)).toMatchObject({ intact: true, prunedTexts: 12, problems: [] });
});
