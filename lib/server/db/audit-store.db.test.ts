import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { equalBytes, toHex, utf8 } from "#lib/domain/audit/bytes.ts";
import { LEAF_COLUMNS, leafColumns } from "#lib/domain/audit/leaf-columns.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { buildLeaf, parseLeaf } from "#lib/domain/audit/leaf.ts";
import { sampleLeaf, sampleLog, sha256 } from "#lib/domain/audit/sample-log.fixture.ts";
import type { AuditFilter, AuditStore } from "#lib/server/audit/audit-store.ts";
import { openPool, pgAuditStore } from "./audit-store.fixture.ts";
import { openDatabase } from "./client.ts";
import { prismaAuditStore } from "./prisma-audit-store.ts";
import type { TestDatabase } from "./test-database.ts";
import { testDatabase } from "./test-database.ts";

const SIZE = 150;
const texts = Array.from({ length: SIZE }, (_, seq) => sampleLeaf(seq));
const log = sampleLog(texts);

describe.each(["pg", "prisma"] as const)("the audit store over %s", (driver) => {
  let database: TestDatabase;
  let pool: Pool;
  let store: AuditStore;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.appUrl);
    ends.push(() => pool.end());
    if (driver === "pg") {
      store = pgAuditStore(pool);
    } else {
      const client = openDatabase({
        url: database.appUrl,
        applicationName: "test",
        maxConnections: 3,
        readOnly: false,
        onError: () => undefined,
      });
      ends.push(() => client.$disconnect());
      store = prismaAuditStore(client);
    }
    expect(await store.append(texts.slice(0, 1), false)).toBe(0);
    expect(await store.append(texts.slice(1, 100), true)).toBe(1);
    expect(await store.append(texts.slice(100), false)).toBe(100);
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await database.drop();
  });

  test("what the database computes is what the domain computes: hashes, chain, head", async () => {
    const stored = await store.leaves(0, SIZE + 10);
    expect(stored.map(({ seq }) => seq)).toEqual(texts.map((_, seq) => seq));
    for (const [seq, row] of stored.entries()) {
      expect(equalBytes(row.leaf, utf8(texts[seq]!))).toBe(true);
      expect(toHex(row.leafHash)).toBe(toHex(log.leafHashes[seq]!));
      expect(toHex(row.chainHash)).toBe(toHex(log.chain[seq]!));
    }
    const head = await store.head();
    expect(head).toMatchObject({ size: SIZE, forcedSize: 100 });
    expect(toHex(head.chainHash)).toBe(toHex(log.chain.at(-1)!));
    expect(head.frontier.map(toHex)).toEqual(log.frontier.hashes.map(toHex));
  });

  test("every full subtree is stored, with the domain's hash", async () => {
    const refs = [];
    for (let level = 0; 2 ** level <= SIZE; level += 1) {
      for (let index = 0; (index + 1) * 2 ** level <= SIZE; index += 1) refs.push({ level, index });
    }
    const hashes = await store.nodes(refs);
    expect(hashes.map(toHex)).toEqual(refs.map((ref) => toHex(log.lookup(ref))));
    expect(await store.nodeCounts(SIZE)).toEqual({
      within: refs.filter(({ level }) => level > 0).length,
      stray: 0,
    });
    expect((await store.nodeCounts(100)).within).toBe(97);
    expect(await store.nodes([])).toEqual([]);
    await expect(store.nodes([{ level: 7, index: 1 }])).rejects.toMatchObject({
      code: "AUDIT_HEAD_INCONSISTENT",
    });
  });

  test("the filter columns and targets are the leaf's own", async () => {
    for (const row of await store.rows(0, SIZE)) {
      const leaf = parseLeaf(Buffer.from(row.leaf).toString("utf8"))!;
      expect(Object.fromEntries(LEAF_COLUMNS.map((column) => [column, row[column]]))).toEqual(
        leafColumns(leaf),
      );
      expect(row.targets).toEqual(leaf.targets);
    }
  });

  test("a filter finds exactly what matches, in pages, both ways", async () => {
    const releaseId = parseLeaf(texts[5]!)!.targets[0]!.id;
    const cases: readonly (readonly [AuditFilter, (seq: number) => boolean])[] = [
      [{}, () => true],
      [
        { actions: [parseLeaf(texts[3]!)!.action, "no.such"] },
        (seq) => parseLeaf(texts[seq]!)!.action === parseLeaf(texts[3]!)!.action,
      ],
      [{ releaseId }, (seq) => seq % 97 === 5],
      [{ target: { id: releaseId } }, (seq) => seq % 97 === 5],
      [{ target: { type: "release", id: releaseId } }, (seq) => seq % 97 === 5],
      [{ target: { type: "model", id: releaseId } }, () => false],
      [{ actorTypes: ["policy"] }, () => false],
      [{ outcomes: ["ok"], actorTypes: ["person"] }, () => true],
      [{ requestId: "req-7" }, (seq) => seq === 7],
      [{ requestId: '\'; DROP TABLE "AuditEvent"; --' }, () => false],
      [
        {
          from: new Date(Date.UTC(2026, 10, 23) + 250 * 10),
          to: new Date(Date.UTC(2026, 10, 23) + 250 * 20),
        },
        (seq) => seq >= 10 && seq < 20,
      ],
      [{ fromSeq: 20, toSeq: 29 }, (seq) => seq >= 20 && seq <= 29],
    ];
    for (const [filter, matches] of cases) {
      const expected = texts.map((_, seq) => seq).filter(matches);
      const ascending = await store.select(filter, {
        cursor: null,
        order: "ascending",
        limit: SIZE,
      });
      expect(
        ascending.map(({ seq }) => seq),
        JSON.stringify(filter),
      ).toEqual(expected);
      const newest = await store.select(filter, { cursor: 100, order: "descending", limit: 4 });
      expect(newest.map(({ seq }) => seq)).toEqual(
        expected
          .filter((seq) => seq < 100)
          .reverse()
          .slice(0, 4),
      );
      expect(await store.summarise(filter, SIZE)).toEqual({
        count: expected.length,
        firstSeq: expected[0] ?? null,
        lastSeq: expected.at(-1) ?? null,
      });
    }
    expect((await store.summarise({}, 40)).count).toBe(40);
  });

  test("hostile texts are kept byte for byte", async () => {
    const draft: AuditDraft = {
      action: "signin.failed",
      outcome: "denied",
      targets: [],
      reason: "'); DROP TABLE x; -- \u0000 \ud800 \u{1F4A3} \\ \" \u2028",
      after: { "\u0000key": "\ud83d", nested: [1.5e-7, -0, 2 ** 53 - 1, true, null] },
    };
    const { text } = buildLeaf(draft, {
      id: "0197a000-0000-7000-9000-00000000ffff",
      occurredAt: new Date("2026-11-23T14:00:00.001Z"),
      actor: { type: "person", id: null, name: "\u0000", authMethod: null },
      context: { requestId: null, ip: null, userAgent: "\ud800" },
      hash: sha256,
    });
    const seq = await store.append([text], false);
    const [row] = await store.rows(seq, seq + 1);
    expect(Buffer.from(row!.leaf).toString("utf8")).toBe(text);
    expect(row).toMatchObject({
      actorName: "\uFFFD",
      actorId: null,
      releaseId: null,
      targets: [],
      occurredAt: "2026-11-23T14:00:00.001Z",
    });
  });

  test("checkpoints only go forward, and never beyond the entries", async () => {
    const root = log.rootAt(10);
    expect(await store.latestCheckpoint()).toBeNull();
    await store.recordCheckpoint({ size: 10, root, note: "ten\n", reason: "forced" });
    for (const size of [10, 9, 100_000]) {
      await expect(
        store.recordCheckpoint({ size, root, note: "x", reason: "forced" }),
      ).rejects.toThrow();
    }
    for (const size of [20, 30, 90, 91])
      await store.recordCheckpoint({ size, root, note: `${size}\n`, reason: "count" });
    expect(await store.latestCheckpoint()).toMatchObject({
      size: 91,
      note: "91\n",
      reason: "count",
    });
    expect((await store.latestCheckpoint())!.signedAt).toBeInstanceOf(Date);
    expect(toHex((await store.checkpointAtMost(15))!.root)).toBe(toHex(root));
    expect(await store.checkpointAtMost(9)).toBeNull();
    expect((await store.checkpoints(91, 2)).map(({ size }) => size)).toEqual([90, 30]);
    expect((await store.checkpointsAfter(20, 2)).map(({ size }) => size)).toEqual([30, 90]);
    expect((await store.spreadCheckpoints(91, 100)).map(({ size }) => size)).toEqual([
      10, 20, 30, 90,
    ]);
    expect((await store.spreadCheckpoints(91, 2)).map(({ size }) => size)).toEqual([30, 90]);
  });

  test("guards are in force and the app role is only let through the functions", async () => {
    expect(await store.guards()).toEqual({
      missingTriggers: [],
      excessRights: [],
      rolesSeparated: true,
      encoding: "UTF8",
    });
    expect(Math.abs((await store.now()).getTime() - Date.now())).toBeLessThan(60_000);
  });
});
