import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { pgAuditStore } from "../db/audit-store.fixture.ts";
import { trailStage } from "./trail-stage.fixture.ts";

const stage = trailStage();
const { append, tamper, codes } = stage;

describe("the whole check inside the product names the fault", () => {
  beforeEach(async () => {
    await append(300);
    await stage.trail.signNow();
    await append(50);
    await stage.trail.signNow();
  });

  test("an untouched trail is intact", async () => {
    const seen: number[] = [];
    const report = await stage.trail.verify({ onProgress: (checked) => seen.push(checked) });
    expect(report).toMatchObject({
      intact: true,
      entriesChecked: 350,
      checkpointsChecked: 2,
      firstBadSeq: null,
    });
    expect(seen).toEqual([350]);
  });

  const edit = `convert_to(replace(convert_from(leaf, 'UTF8'), 'Ines', 'Inez'), 'UTF8')`;
  const cases: readonly (readonly [string, readonly string[], number | null])[] = [
    ["one byte of a leaf", [`UPDATE "AuditEvent" SET leaf = ${edit} WHERE seq = 120`], 120],
    [
      "a leaf with its own hash",
      [
        `UPDATE "AuditEvent" SET leaf = ${edit}, "actorName" = 'Inez Albrecht', "leafHash" = sha256('\\x00' || ${edit}) WHERE seq = 120`,
      ],
      120,
    ],
    [
      "a stored leaf hash alone",
      [`UPDATE "AuditEvent" SET "leafHash" = sha256('x') WHERE seq = 120`],
      120,
    ],
    ["a deleted entry", [`DELETE FROM "AuditEvent" WHERE seq = 120`], 120],
    ["a filter column", [`UPDATE "AuditEvent" SET "actorName" = 'Nobody' WHERE seq = 120`], 120],
    [
      "the time column",
      [`UPDATE "AuditEvent" SET "occurredAt" = "occurredAt" + interval '1 day' WHERE seq = 120`],
      120,
    ],
    ["a deleted target", [`DELETE FROM "AuditTarget" WHERE seq = 120 AND position = 1`], 120],
    [
      "a renamed target",
      [`UPDATE "AuditTarget" SET "targetId" = 'x' WHERE seq = 120 AND position = 0`],
      120,
    ],
    [
      "two entries swapped",
      [
        `UPDATE "AuditEvent" SET seq = -1 WHERE seq = 120`,
        `UPDATE "AuditEvent" SET seq = 120 WHERE seq = 121`,
        `UPDATE "AuditEvent" SET seq = 121 WHERE seq = -1`,
        `UPDATE "AuditTarget" SET seq = -1 WHERE seq = 120`,
        `UPDATE "AuditTarget" SET seq = 120 WHERE seq = 121`,
        `UPDATE "AuditTarget" SET seq = 121 WHERE seq = -1`,
      ],
      120,
    ],
    [
      "a subtree",
      [`UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 3 AND index = 2`],
      null,
    ],
    [
      "an invented subtree beyond the entries",
      [`INSERT INTO "AuditNode" VALUES (9, 0, sha256('x'))`],
      null,
    ],
    [
      "an invented subtree at an absurd level",
      [`INSERT INTO "AuditNode" VALUES (30000, 0, sha256('x'))`],
      null,
    ],
    ["a missing subtree", [`DELETE FROM "AuditNode" WHERE level = 2 AND index = 3`], null],
    ["the head", [`UPDATE "AuditHead" SET frontier = frontier[2:] || frontier[1:1]`], null],
    [
      "a checkpoint's root",
      [`UPDATE "AuditCheckpoint" SET root = sha256('x') WHERE size = 300`],
      null,
    ],
    [
      "a checkpoint's signature",
      [
        `UPDATE "AuditCheckpoint" SET note = (SELECT note FROM "AuditCheckpoint" WHERE size = 350) WHERE size = 300`,
      ],
      null,
    ],
    [
      "the tail",
      [
        `DELETE FROM "AuditTarget" WHERE seq >= 340`,
        `DELETE FROM "AuditEvent" WHERE seq >= 340`,
        `UPDATE "AuditHead" SET size = 340, "chainHash" = (SELECT "chainHash" FROM "AuditEvent" WHERE seq = 339)`,
      ],
      340,
    ],
  ];
  test.each(cases)("%s", async (_name, statements, seq) => {
    await tamper(...statements);
    const report = await stage.trail.verify();
    expect(report).toMatchObject({ intact: false });
    if (seq !== null) expect(report.firstBadSeq).toBe(seq);
  });

  test("the plain SQL of docs/audit.md finds the first bad entry, and nothing in an intact trail", async () => {
    const page = await readFile(
      path.resolve(import.meta.dirname, "../../../docs/audit.md"),
      "utf8",
    );
    const sql = /```sql\n([\s\S]+?)```/.exec(page)?.[1] ?? "";
    expect((await stage.superuser.query(sql)).rows).toEqual([]);
    await tamper(`UPDATE "AuditEvent" SET leaf = ${edit} WHERE seq = 120`);
    expect((await stage.superuser.query(sql)).rows).toEqual([{ seq: "120" }]);
  });

  test("a careful forgery of everything in the database is seen at the next signature", async () => {
    // All rows after 120 rebuilt by the database's own function, so that every stored hash fits.
    const { rows } = await stage.superuser.query<{ text: string }>(
      `SELECT convert_from(leaf, 'UTF8') AS text FROM "AuditEvent" ORDER BY seq`,
    );
    const leaves = rows.map(({ text }, seq) => (seq === 120 ? text.replace("Ines", "Inez") : text));
    await tamper(
      `DELETE FROM "AuditEvent"`,
      `DELETE FROM "AuditTarget"`,
      `DELETE FROM "AuditNode"`,
      `UPDATE "AuditHead" SET size = 0, "forcedSize" = 0, frontier = '{}', "chainHash" = decode(repeat('00', 32), 'hex')`,
    );
    await pgAuditStore(stage.pool).append(leaves, false);
    expect(await codes()).toContain("AUDIT_INCONSISTENT");
    expect(await stage.trail.verify()).toMatchObject({
      intact: false,
      message: expect.stringContaining("signed at 300"),
    });
    await append(1);
    await expect(stage.trail.signNow()).rejects.toMatchObject({ code: "AUDIT_INCONSISTENT" });
  });
});
