import { describe, expect, test } from "vitest";
import { createBundleVerifier } from "#lib/domain/audit/bundle-verifier.ts";
import type { BundleVerdict } from "#lib/domain/audit/bundle-verdict.ts";
import { KEPT_ACTIONS, PRUNING_ACTION } from "#lib/domain/audit/pruning.ts";
import { parseLeaf } from "#lib/domain/audit/leaf.ts";
import { sampleLeaf, sha256, verifySignature } from "#lib/domain/audit/sample-log.fixture.ts";
import { connect, pgAuditStore } from "../db/audit-store.fixture.ts";
import type { AuditFilter, Pruned } from "./audit-store.ts";
import { eventView } from "./event-view.ts";
import { trailStage } from "./trail-stage.fixture.ts";

const stage = trailStage();
const DAYS = 200;
const RULE = "kept for 200 days, as set here";
const TERMS = { days: DAYS, rule: RULE, kept: KEPT_ACTIONS, limit: 10_000 };

/** An ordinary entry of a day long ago, or of now. */
const leafOf = (n: number, ts: string): string => sampleLeaf(n).replace(/"ts":"[^"]+"/, `"ts":"${ts}"`).replace(/"action":"[^"]+"/, '"action":"release.approved"');
const OLD = "2024-02-03T04:05:06.789Z";

async function append(count: number, ts: string, first = 0): Promise<void> {
  await pgAuditStore(stage.pool).append(Array.from({ length: count }, (_, n) => leafOf(first + n, ts)), false);
}

const actLeaf = (n: number, { fromSeq, toSeq, texts }: Pruned): string => {
  const { after } = parseLeaf(sampleLeaf(n)) ?? {};
  return sampleLeaf(n)
    .replace(/"action":"[^"]+"/, `"action":"${PRUNING_ACTION}"`)
    .replace(`"after":${JSON.stringify(after)}`, `"after":${JSON.stringify({ fromSeq, rule: RULE, texts, toSeq })}`)
    .replace(/"outcome":"[^"]+"/, '"outcome":"ok"');
};

/** As the command does: the act and its entry in one transaction. */
async function prune(tell = true): Promise<Pruned> {
  const client = await connect(stage.database.appUrl);
  try {
    await client.query("BEGIN");
    const store = pgAuditStore(client);
    const pruned = await store.prune(TERMS);
    if (pruned === null) throw new Error("Nothing was pruned.");
    if (tell) await store.append([actLeaf(9_000 + pruned.fromSeq, pruned)], true);
    await client.query("COMMIT");
    return pruned;
  } finally {
    await client.end();
  }
}

async function exported(filter: AuditFilter): Promise<string[]> {
  const lines = await stage.trail.exportBundle({ filter, statement: "Everything.", exportedAt: new Date(), generator: "test" });
  if (lines === null) throw new Error("Nothing was exported.");
  const all: string[] = [];
  for await (const line of lines) all.push(line.slice(0, -1));
  return all;
}

async function judge(lines: readonly string[]): Promise<BundleVerdict> {
  const verifier = createBundleVerifier({ trusted: await stage.trail.trustedKeys(), since: null, hash: sha256, verifySignature });
  for (const line of lines) {
    const verdict = verifier.line(line);
    if (verdict !== null) return verdict;
  }
  return verifier.end(false);
}

describe("texts past their time", () => {
  test("go, and everything that was proven stays proven: the check, proofs, a checkpoint from before, exports; all say what was pruned", async () => {
    await append(40, OLD);
    await append(10, new Date().toISOString(), 40);
    const before = await stage.trail.signNow();
    const pruned = await prune();
    expect(pruned).toMatchObject({ fromSeq: 0, toSeq: 40, texts: 40 });
    await stage.trail.signNow();

    const report = await stage.trail.verify();
    expect(report).toMatchObject({ intact: true, entriesChecked: 51, prunedTexts: 40, checkpointsChecked: 2 });
    expect(report.message).toContain("of 40 the text was pruned by rule");
    expect(await stage.codes()).toEqual([]);
    expect(await stage.trail.prove(7)).toMatchObject({ entry: { seq: 7 } });

    const whole = await exported({});
    const judged = await judge(whole);
    expect(judged).toMatchObject({ status: "valid", facts: { entriesChecked: 51, prunedTexts: 40, prunings: [{ seq: 50, texts: 40, rule: RULE }] } });
    expect(whole.filter((line) => line.includes(before?.note.split("\n")[2] ?? "no root"))).toHaveLength(1);
    expect(await judge(await exported({ toSeq: 20 }))).toMatchObject({ status: "valid", facts: { entriesChecked: 21, prunedTexts: 21 } });

    const [entry] = await pgAuditStore(stage.pool).leaves(3, 4);
    if (entry === undefined) throw new Error("The entry is not there.");
    expect(entry.leaf).toHaveLength(0);
    const view = eventView(entry);
    expect(view).toMatchObject({ seq: 3, occurredAt: OLD, action: "release.approved", actor: { name: "Name pruned", id: null }, textPruned: { rule: RULE } });
    expect(view.reason).toContain(RULE);
    expect(JSON.stringify(await pgAuditStore(stage.pool).rows(0, 40))).not.toContain("Ines");
  });

  test("a text that is missing without its act is found by the check and by the verifier", async () => {
    await append(20, OLD);
    await append(5, new Date().toISOString(), 20);
    await stage.trail.signNow();
    await prune(false);
    expect(await stage.trail.verify()).toMatchObject({ intact: false, firstBadSeq: 0 });
    await append(1, new Date().toISOString(), 30);
    // Nobody tells of it, so the file is of version 1, where every entry has its text.
    expect(await judge(await exported({}))).toMatchObject({ status: "tampered", seq: 0 });
  });

  test("the hash in the place of a text that was not pruned is found in an export, as is another hash for one that was", async () => {
    await append(20, OLD);
    await append(5, new Date().toISOString(), 20);
    await stage.trail.signNow();
    await prune();
    await stage.trail.signNow();
    const whole = await exported({});
    const at = whole.findIndex((line) => line.endsWith(`"seq":22}`));
    const [entry] = await pgAuditStore(stage.pool).leaves(22, 23);
    const chain = /"chain":"([^"]+)"/.exec(whole[at] ?? "")?.[1] ?? "";
    const hidden = `{"chain":"${chain}","hash":"${Buffer.from(entry?.leafHash ?? []).toString("base64")}","seq":22}`;
    expect(await judge(whole.with(at, hidden))).toMatchObject({ status: "tampered", seq: 22 });
    const pruned = whole.findIndex((line) => line.endsWith(`"seq":4}`));
    expect(await judge(whole.with(pruned, (whole[pruned] ?? "").replace(/"hash":"../, '"hash":"xx')))).toMatchObject({ status: "tampered", seq: 4 });
  });

  test("stay when they are younger, not under a checkpoint, the newest, or of acts that later answers hang on", async () => {
    await append(3, OLD);
    const keeps = sampleLeaf(3).replace(/"ts":"[^"]+"/, `"ts":"${OLD}"`).replace(/"action":"[^"]+"/, '"action":"environment.policy_changed"');
    await pgAuditStore(stage.pool).append([keeps], false);
    await append(2, new Date(Date.now() - (DAYS - 1) * 86_400_000).toISOString(), 4);
    await stage.trail.signNow();
    await append(4, OLD, 6);
    expect(await prune()).toMatchObject({ fromSeq: 0, toSeq: 3, texts: 3 });
    await stage.trail.signNow();
    const again = await prune();
    expect(again).toMatchObject({ fromSeq: 6, toSeq: 10, texts: 4 });
    await stage.trail.signNow();
    expect(await stage.trail.verify()).toMatchObject({ intact: true, prunedTexts: 7 });
    expect(await pgAuditStore(stage.pool).prune(TERMS)).toBeNull();
  });

  test("are never pruned below the floor, under a hold, or by hand", async () => {
    await append(10, OLD);
    await append(1, new Date().toISOString(), 10);
    await stage.trail.signNow();
    await expect(pgAuditStore(stage.pool).prune({ ...TERMS, days: 30 })).rejects.toThrow(/at least 184 days/);
    const place = `INSERT INTO "LegalHold" ("id", "name", "reason", "placedById", "placedByName") VALUES (gen_random_uuid(), 'Case 7', 'A court asks for it.', gen_random_uuid(), 'Ruth')`;
    await stage.superuser.query(place);
    await expect(pgAuditStore(stage.pool).prune(TERMS)).rejects.toThrow(/on legal hold/);
    await stage.superuser.query(`UPDATE "LegalHold" SET "liftedAt" = now(), "liftedByName" = 'Ruth', "liftReason" = 'Settled.'`);
    const first = await prune();
    expect(first.texts).toBe(10);
    const byHand = [
      `UPDATE "AuditEvent" SET leaf = '', "actorId" = NULL, "actorName" = '', "requestId" = NULL, "idempotencyKey" = NULL, "pruningId" = (SELECT id FROM "AuditPruning") WHERE seq = 10`,
      `UPDATE "AuditEvent" SET leaf = 'x' WHERE seq = 1`,
      `UPDATE "AuditEvent" SET "leafHash" = sha256('x') WHERE seq = 1`,
      `UPDATE "AuditTarget" SET name = NULL, digest = NULL WHERE seq = 10`,
      `UPDATE "AuditPruning" SET texts = 1`,
      `DELETE FROM "AuditPruning"`,
      `TRUNCATE "AuditPruning"`,
      `DELETE FROM "AuditEvent" WHERE seq = 1`,
    ];
    for (const statement of byHand) await expect(stage.superuser.query(statement), statement).rejects.toThrow(/append-only/);
    const insert = `INSERT INTO "AuditPruning" ("id", "fromSeq", "toSeq", "texts", "days", "cutoff", "rule", "transaction") VALUES (gen_random_uuid(), 0, 11, 1, 1, now(), 'x', '')`;
    await expect(stage.superuser.query(insert)).rejects.toThrow(/at least 184 days/);
    await expect(stage.pool.query(insert)).rejects.toMatchObject({ code: "42501" });
  });
});
