import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { sha256 } from "#lib/domain/audit/sample-log.fixture.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { openPool, pgAuditStore, pgTransactions } from "../db/audit-store.fixture.ts";
import { auditFiles } from "./audit-files.ts";
import { openAuditTrail } from "./audit-trail.ts";
import { rotateSigningKey } from "./rotate-signing-key.ts";
import { verifyEd25519 } from "./signing-key.ts";
import { ORIGIN, trailStage } from "./trail-stage.fixture.ts";

const stage = trailStage();
const { open, append, tamper, codes } = stage;

describe("the key", () => {
  test("is made at the first start, readable by its owner only, and stays", async () => {
    const file = auditFiles(stage.directory).signingKey;
    expect((await stat(file)).mode & 0o777).toBe(0o400);
    expect(await readFile(file, "utf8")).toMatch(
      /^PRIVATE\+KEY\+slipway\.local\/test\+[0-9a-f]{8}\+/,
    );
    expect(await readFile(auditFiles(stage.directory).verifierKey, "utf8")).toBe(
      `${stage.trail.vkey}\n`,
    );
    expect((await open()).vkey).toBe(stage.trail.vkey);
  });

  test("two starts at once agree on one key", async () => {
    const fresh = path.join(stage.directory, "fresh");
    const both = await Promise.all([open(fresh), open(fresh)]);
    expect(both[0].vkey).toBe(both[1].vkey);
  });

  test("a log that was signed is never continued with a new key", async () => {
    await append(1);
    await stage.trail.signNow();
    await expect(open(path.join(stage.directory, "elsewhere"))).rejects.toMatchObject({
      code: "AUDIT_KEY_MISSING",
    });
  });

  test("a key that goes away while we run is noticed", async () => {
    await append(1);
    await rm(auditFiles(stage.directory).signingKey);
    await expect(stage.trail.check()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
    await expect(stage.trail.signIfDue()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
  });

  test("a damaged key, or the key of another log, is refused", async () => {
    const file = auditFiles(stage.directory).signingKey;
    const text = await readFile(file, "utf8");
    await chmod(file, 0o600);
    for (const bad of [text.replace("test", "other"), text.slice(0, -8), "hello\n", ""]) {
      await writeFile(file, bad);
      await expect(open()).rejects.toMatchObject({ code: "AUDIT_KEY_UNUSABLE" });
    }
  });

  test("two keys signing one log are noticed", async () => {
    const elsewhere = path.join(stage.directory, "elsewhere");
    const other = await open(elsewhere);
    await append(1);
    await other.signNow();
    await append(1);
    expect(await codes()).toEqual(["AUDIT_KEY_MISMATCH"]);
    await expect(stage.trail.signNow()).rejects.toMatchObject({ code: "AUDIT_KEY_MISMATCH" });
  });
});

describe("changing the key", () => {
  const rotate = (): ReturnType<typeof rotateSigningKey> =>
    rotateSigningKey({
      transact: pgTransactions(stage.pool),
      files: auditFiles(stage.directory),
      origin: ORIGIN,
      actor: { type: "system", id: null, name: "operator at the terminal", authMethod: null },
      reason: "Yearly change.",
    });
  const keyOf = (vkey: string): NoteKey => parseVerifierKey(vkey, sha256)!;

  test("is an entry of its own, under a checkpoint that both keys sign; afterwards the new key signs alone", async () => {
    await append(5);
    await stage.trail.signNow();
    const { before, after, checkpoint } = await rotate();
    expect(before).toBe(stage.trail.vkey);
    for (const vkey of [before, after])
      expect(openCheckpoint(checkpoint.note, [keyOf(vkey)], verifyEd25519)).toMatchObject({
        ok: true,
        checkpoint: { size: 6 },
      });
    expect(await stage.trail.check()).toEqual([]);
    expect(stage.trail.vkey).toBe(after);
    await append(1);
    const { note } = (await stage.trail.signNow())!;
    expect(openCheckpoint(note, [keyOf(before)], verifyEd25519)).toEqual({
      ok: false,
      refusal: "unknown_key",
    });
    expect(await stage.trail.verify()).toMatchObject({
      intact: true,
      checkpointsChecked: 3,
      foreignCheckpoints: 1,
    });
  });

  test("works when the private key is lost, and not when nothing says which key it was", async () => {
    await append(5);
    await stage.trail.signNow();
    await rm(auditFiles(stage.directory).signingKey);
    const { before, after, checkpoint } = await rotate();
    expect(openCheckpoint(checkpoint.note, [keyOf(before)], verifyEd25519).ok).toBe(false);
    const restarted = await open();
    expect(restarted.vkey).toBe(after);
    expect(await restarted.check()).toEqual([]);
    await rm(auditFiles(stage.directory).signingKey);
    await rm(auditFiles(stage.directory).verifierKey);
    await expect(rotate()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
  });

  test("does not get past a trail that was tampered with", async () => {
    await append(300);
    await stage.trail.signNow();
    await tamper(`UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 8 AND index = 0`);
    await expect(rotate()).rejects.toMatchObject({ code: "AUDIT_INCONSISTENT" });
    expect((await open()).vkey).toBe(stage.trail.vkey);
  });
});

describe("signing", () => {
  test("an empty log is not signed; the first entries are signed at once, then not again until something is owed", async () => {
    expect(await stage.trail.signNow()).toBeNull();
    await append(3);
    expect(await stage.trail.signIfDue()).toMatchObject({ size: 3, reason: "start" });
    expect(await stage.trail.signIfDue()).toBeNull();
    await append(1);
    expect(await stage.trail.signIfDue()).toBeNull();
    expect(await stage.trail.signNow()).toMatchObject({ size: 4, reason: "asked" });
  });

  test("is due after 256 entries, after 60 seconds, or at once when forced", async () => {
    await append(1);
    await stage.trail.signIfDue();
    await append(255);
    expect(await stage.trail.signIfDue()).toBeNull();
    await append(1);
    expect(await stage.trail.signIfDue()).toMatchObject({ size: 257, reason: "count" });
    await append(1, true);
    expect(await stage.trail.signIfDue()).toMatchObject({ size: 258, reason: "forced" });
    await append(1);
    await tamper(`UPDATE "AuditCheckpoint" SET "signedAt" = "signedAt" - interval '60 seconds'`);
    expect(await stage.trail.signIfDue()).toMatchObject({ size: 259, reason: "interval" });
  });

  test("what was forced is still owed after a crash between commit and signature", async () => {
    await append(1);
    await stage.trail.signIfDue();
    await append(1, true);
    const restarted = await open();
    expect(await restarted.signIfDue()).toMatchObject({ size: 2, reason: "forced" });
  });

  test("the note is a C2SP checkpoint that the handed-out key opens, and is remembered outside the database", async () => {
    await append(10);
    const { note, root } = (await stage.trail.signNow())!;
    const opened = openCheckpoint(
      note,
      [parseVerifierKey(stage.trail.vkey, sha256)!],
      verifyEd25519,
    );
    expect(opened).toMatchObject({
      ok: true,
      checkpoint: { origin: ORIGIN, size: 10, root: new Uint8Array(root) },
    });
    expect(await readFile(auditFiles(stage.directory).lastSigned, "utf8")).toBe(note);
  });

  test("replicas that sign at the same time, while others append, leave one line of consistent checkpoints", async () => {
    const replicas = [stage.trail, await open(), await open()];
    const writers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 15; round += 1) await append(3, round % 2 === 0);
    });
    const signers = replicas.map(async (replica) => {
      for (let round = 0; round < 15; round += 1) await replica.signIfDue();
    });
    await Promise.all([...writers, ...signers]);
    await stage.trail.signNow();
    const report = await stage.trail.verify();
    expect(report).toMatchObject({ intact: true, entriesChecked: 180, foreignCheckpoints: 0 });
    expect(report.checkpointsChecked).toBeGreaterThan(1);
    expect(await codes()).toEqual([]);
  });

  test("calls that arrive together share one signature", async () => {
    await append(5);
    const results = await Promise.all([
      stage.trail.signIfDue(),
      stage.trail.signIfDue(),
      stage.trail.signIfDue(),
    ]);
    expect(new Set(results.map((result) => result?.size))).toEqual(new Set([5]));
    expect((await pgAuditStore(stage.pool).checkpoints(null, 10)).length).toBe(1);
  });
});

describe("nothing is signed on top of what is in doubt", () => {
  beforeEach(async () => {
    await append(300);
    await stage.trail.signNow();
    await append(20);
  });

  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      "an entry after the last signature edited",
      [
        `UPDATE "AuditEvent" SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'APPROVED', 'APPROVEE'), 'UTF8') WHERE seq = 310`,
      ],
      "AUDIT_HEAD_INCONSISTENT",
    ],
    [
      "an entry after the last signature deleted",
      [`DELETE FROM "AuditEvent" WHERE seq = 310`],
      "AUDIT_HEAD_INCONSISTENT",
    ],
    [
      "a stored subtree changed",
      [`UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 8 AND index = 0`],
      "AUDIT_INCONSISTENT",
    ],
    [
      "a stored subtree removed",
      [`DELETE FROM "AuditNode" WHERE level = 8 AND index = 0`],
      "AUDIT_HEAD_INCONSISTENT",
    ],
    [
      "the head changed",
      [`UPDATE "AuditHead" SET "chainHash" = sha256('x')`],
      "AUDIT_HEAD_INCONSISTENT",
    ],
    [
      "the signed root changed",
      [`UPDATE "AuditCheckpoint" SET root = sha256('x')`],
      "AUDIT_INCONSISTENT",
    ],
    [
      "the signed note changed",
      [`UPDATE "AuditCheckpoint" SET note = replace(note, E'\\n300\\n', E'\\n301\\n')`],
      "AUDIT_INCONSISTENT",
    ],
    [
      "an older state restored",
      [
        `DELETE FROM "AuditCheckpoint"`,
        `DELETE FROM "AuditTarget" WHERE seq >= 256`,
        `DELETE FROM "AuditEvent" WHERE seq >= 256`,
        `DELETE FROM "AuditNode" WHERE (index + 1) * (1 << level) > 256`,
        `UPDATE "AuditHead" SET size = 256, "forcedSize" = 0, "chainHash" = (SELECT "chainHash" FROM "AuditEvent" WHERE seq = 255), frontier = ARRAY(SELECT hash FROM "AuditNode" WHERE level = 8)`,
      ],
      "AUDIT_ROLLBACK_DETECTED",
    ],
  ];

  test.each(cases)("%s", async (_name, statements, code) => {
    await tamper(...statements);
    const before = await readFile(auditFiles(stage.directory).lastSigned, "utf8");
    await expect(stage.trail.signNow()).rejects.toMatchObject({ code, blocking: true });
    expect(await readFile(auditFiles(stage.directory).lastSigned, "utf8")).toBe(before);
  });

  test("a rewritten history under the same size is seen against the file beside the key", async () => {
    await stage.trail.signNow();
    await tamper(
      `UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 6 AND index = 4`,
      `DELETE FROM "AuditCheckpoint" WHERE size > 300`,
    );
    expect(await codes()).toContain("AUDIT_INCONSISTENT");
  });

  test("a file beside the key that this key did not sign is refused", async () => {
    const file = auditFiles(stage.directory).lastSigned;
    await writeFile(file, (await readFile(file, "utf8")).replace("\n300\n", "\n3\n"));
    expect(await codes()).toEqual(["AUDIT_INCONSISTENT"]);
  });
});

describe("the check at start", () => {
  test("finds nothing wrong with an empty and with a living trail", async () => {
    expect(await stage.trail.check()).toEqual([]);
    await append(7);
    expect(await stage.trail.check()).toEqual([]);
    await stage.trail.signNow();
    expect(await stage.trail.check()).toEqual([]);
  });

  test("gives no false alarm while others append", async () => {
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 25; round += 1) await append(1);
      }),
    );
    for (let round = 0; round < 25; round += 1) expect(await stage.trail.check()).toEqual([]);
    await writing;
  });

  test("says when guards sleep or roles are not separated", async () => {
    await stage.superuser.query(`ALTER TABLE "AuditEvent" ENABLE TRIGGER audit_no_change`);
    expect(await stage.trail.check()).toMatchObject([
      {
        code: "AUDIT_GUARDS_MISSING",
        blocking: true,
        message: expect.stringContaining("AuditEvent.audit_no_change"),
      },
    ]);
    await stage.superuser.query(`ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER audit_no_change`);
    const owner = openPool(stage.database.ownerUrl, 2);
    const asOwner = await openAuditTrail({
      store: pgAuditStore(owner),
      transact: pgTransactions(owner),
      snapshot: pgTransactions(owner, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
      files: auditFiles(stage.directory),
      origin: ORIGIN,
    });
    expect(await asOwner.check()).toMatchObject([
      {
        code: "AUDIT_ROLES_NOT_SEPARATED",
        blocking: false,
        message: expect.stringContaining("Roles not separated"),
      },
    ]);
    await owner.end();
  });
});
