import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Client, Pool } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBundleVerifier } from "#lib/domain/audit/bundle-verifier.ts";
import type { BundleVerdict } from "#lib/domain/audit/bundle-verdict.ts";
import { utf8 } from "#lib/domain/audit/bytes.ts";
import { openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { leafHash } from "#lib/domain/audit/merkle.ts";
import { verifyInclusion } from "#lib/domain/audit/merkle-verify.ts";
import { sampleLeaf, sha256 } from "#lib/domain/audit/sample-log.fixture.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { parseTlogProof } from "#lib/domain/audit/tlog-proof.ts";
import { connect, openPool, pgAuditStore, pgTransactions } from "../db/audit-store.fixture.ts";
import type { TestDatabase } from "../db/test-database.ts";
import { testDatabase } from "../db/test-database.ts";
import { auditFiles } from "./audit-files.ts";
import type { AuditFilter } from "./audit-store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { openAuditTrail } from "./audit-trail.ts";
import { describeFilter } from "./describe-filter.ts";
import { rotateSigningKey } from "./rotate-signing-key.ts";
import { verifyEd25519 } from "./signing-key.ts";

const ORIGIN = "slipway.local/test";

let database: TestDatabase;
let superuser: Client;
let pool: Pool;
let directory: string;
let trail: AuditTrail;
let next: number;

const open = (where = directory): Promise<AuditTrail> =>
  openAuditTrail({
    store: pgAuditStore(pool),
    transact: pgTransactions(pool),
    snapshot: pgTransactions(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    files: auditFiles(where),
    origin: ORIGIN,
  });

async function append(count: number, force = false): Promise<void> {
  const leaves = Array.from({ length: count }, () => sampleLeaf(next++));
  await pgAuditStore(pool).append(leaves, force);
}

/** What a database administrator with bad intent does: switch the guards off, change, switch them on again. */
async function tamper(...statements: readonly string[]): Promise<void> {
  const tables = ["AuditEvent", "AuditTarget", "AuditNode", "AuditHead", "AuditCheckpoint"];
  for (const table of tables) await superuser.query(`ALTER TABLE "${table}" DISABLE TRIGGER ALL`);
  for (const statement of statements) await superuser.query(statement);
  const { rows } = await superuser.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', tgrelid::regclass, tgname) AS statement FROM pg_trigger WHERE tgname LIKE 'audit\\_%'`,
  );
  for (const { statement } of rows) await superuser.query(statement);
}

const codes = async (): Promise<string[]> => (await trail.check()).map(({ code }) => code);

beforeEach(async () => {
  database = await testDatabase();
  superuser = await connect(database.superuserUrl);
  pool = openPool(database.appUrl);
  directory = await mkdtemp(path.join(tmpdir(), "slipway-audit-"));
  next = 0;
  trail = await open();
});
afterEach(async () => {
  await superuser.end();
  await pool.end();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

describe("the key", () => {
  test("is made at the first start, readable by its owner only, and stays", async () => {
    const file = auditFiles(directory).signingKey;
    expect((await stat(file)).mode & 0o777).toBe(0o400);
    expect(await readFile(file, "utf8")).toMatch(
      /^PRIVATE\+KEY\+slipway\.local\/test\+[0-9a-f]{8}\+/,
    );
    expect(await readFile(auditFiles(directory).verifierKey, "utf8")).toBe(`${trail.vkey}\n`);
    expect((await open()).vkey).toBe(trail.vkey);
  });

  test("two starts at once agree on one key", async () => {
    const fresh = path.join(directory, "fresh");
    const both = await Promise.all([open(fresh), open(fresh)]);
    expect(both[0].vkey).toBe(both[1].vkey);
  });

  test("a log that was signed is never continued with a new key", async () => {
    await append(1);
    await trail.signNow();
    await expect(open(path.join(directory, "elsewhere"))).rejects.toMatchObject({
      code: "AUDIT_KEY_MISSING",
    });
  });

  test("a key that goes away while we run is noticed", async () => {
    await append(1);
    await rm(auditFiles(directory).signingKey);
    await expect(trail.check()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
    await expect(trail.signIfDue()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
  });

  test("a damaged key, or the key of another log, is refused", async () => {
    const file = auditFiles(directory).signingKey;
    const text = await readFile(file, "utf8");
    await chmod(file, 0o600);
    for (const bad of [text.replace("test", "other"), text.slice(0, -8), "hello\n", ""]) {
      await writeFile(file, bad);
      await expect(open()).rejects.toMatchObject({ code: "AUDIT_KEY_UNUSABLE" });
    }
  });

  test("two keys signing one log are noticed", async () => {
    const elsewhere = path.join(directory, "elsewhere");
    const other = await open(elsewhere);
    await append(1);
    await other.signNow();
    await append(1);
    expect(await codes()).toEqual(["AUDIT_KEY_MISMATCH"]);
    await expect(trail.signNow()).rejects.toMatchObject({ code: "AUDIT_KEY_MISMATCH" });
  });
});

describe("changing the key", () => {
  const rotate = (): ReturnType<typeof rotateSigningKey> =>
    rotateSigningKey({
      transact: pgTransactions(pool),
      files: auditFiles(directory),
      origin: ORIGIN,
      actor: { type: "system", id: null, name: "operator at the terminal", authMethod: null },
      reason: "Yearly change.",
    });
  const keyOf = (vkey: string): NoteKey => parseVerifierKey(vkey, sha256)!;

  test("is an entry of its own, under a checkpoint that both keys sign; afterwards the new key signs alone", async () => {
    await append(5);
    await trail.signNow();
    const { before, after, checkpoint } = await rotate();
    expect(before).toBe(trail.vkey);
    for (const vkey of [before, after])
      expect(openCheckpoint(checkpoint.note, [keyOf(vkey)], verifyEd25519)).toMatchObject({
        ok: true,
        checkpoint: { size: 6 },
      });
    expect(await trail.check()).toEqual([]);
    expect(trail.vkey).toBe(after);
    await append(1);
    const { note } = (await trail.signNow())!;
    expect(openCheckpoint(note, [keyOf(before)], verifyEd25519)).toEqual({
      ok: false,
      refusal: "unknown_key",
    });
    expect(await trail.verify()).toMatchObject({
      intact: true,
      checkpointsChecked: 3,
      foreignCheckpoints: 1,
    });
  });

  test("works when the private key is lost, and not when nothing says which key it was", async () => {
    await append(5);
    await trail.signNow();
    await rm(auditFiles(directory).signingKey);
    const { before, after, checkpoint } = await rotate();
    expect(openCheckpoint(checkpoint.note, [keyOf(before)], verifyEd25519).ok).toBe(false);
    trail = await open();
    expect(trail.vkey).toBe(after);
    expect(await trail.check()).toEqual([]);
    await rm(auditFiles(directory).signingKey);
    await rm(auditFiles(directory).verifierKey);
    await expect(rotate()).rejects.toMatchObject({ code: "AUDIT_KEY_MISSING" });
  });

  test("does not get past a trail that was tampered with", async () => {
    await append(300);
    await trail.signNow();
    await tamper(`UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 8 AND index = 0`);
    await expect(rotate()).rejects.toMatchObject({ code: "AUDIT_INCONSISTENT" });
    expect((await open()).vkey).toBe(trail.vkey);
  });
});

describe("signing", () => {
  test("an empty log is not signed; the first entries are signed at once, then not again until something is owed", async () => {
    expect(await trail.signNow()).toBeNull();
    await append(3);
    expect(await trail.signIfDue()).toMatchObject({ size: 3, reason: "start" });
    expect(await trail.signIfDue()).toBeNull();
    await append(1);
    expect(await trail.signIfDue()).toBeNull();
    expect(await trail.signNow()).toMatchObject({ size: 4, reason: "asked" });
  });

  test("is due after 256 entries, after 60 seconds, or at once when forced", async () => {
    await append(1);
    await trail.signIfDue();
    await append(255);
    expect(await trail.signIfDue()).toBeNull();
    await append(1);
    expect(await trail.signIfDue()).toMatchObject({ size: 257, reason: "count" });
    await append(1, true);
    expect(await trail.signIfDue()).toMatchObject({ size: 258, reason: "forced" });
    await append(1);
    await tamper(`UPDATE "AuditCheckpoint" SET "signedAt" = "signedAt" - interval '60 seconds'`);
    expect(await trail.signIfDue()).toMatchObject({ size: 259, reason: "interval" });
  });

  test("what was forced is still owed after a crash between commit and signature", async () => {
    await append(1);
    await trail.signIfDue();
    await append(1, true);
    const restarted = await open();
    expect(await restarted.signIfDue()).toMatchObject({ size: 2, reason: "forced" });
  });

  test("the note is a C2SP checkpoint that the handed-out key opens, and is remembered outside the database", async () => {
    await append(10);
    const { note, root } = (await trail.signNow())!;
    const opened = openCheckpoint(note, [parseVerifierKey(trail.vkey, sha256)!], verifyEd25519);
    expect(opened).toMatchObject({
      ok: true,
      checkpoint: { origin: ORIGIN, size: 10, root: new Uint8Array(root) },
    });
    expect(await readFile(auditFiles(directory).lastSigned, "utf8")).toBe(note);
  });

  test("replicas that sign at the same time, while others append, leave one line of consistent checkpoints", async () => {
    const replicas = [trail, await open(), await open()];
    const writers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 15; round += 1) await append(3, round % 2 === 0);
    });
    const signers = replicas.map(async (replica) => {
      for (let round = 0; round < 15; round += 1) await replica.signIfDue();
    });
    await Promise.all([...writers, ...signers]);
    await trail.signNow();
    const report = await trail.verify();
    expect(report).toMatchObject({ intact: true, entriesChecked: 180, foreignCheckpoints: 0 });
    expect(report.checkpointsChecked).toBeGreaterThan(1);
    expect(await codes()).toEqual([]);
  });

  test("calls that arrive together share one signature", async () => {
    await append(5);
    const results = await Promise.all([trail.signIfDue(), trail.signIfDue(), trail.signIfDue()]);
    expect(new Set(results.map((result) => result?.size))).toEqual(new Set([5]));
    expect((await pgAuditStore(pool).checkpoints(null, 10)).length).toBe(1);
  });
});

describe("nothing is signed on top of what is in doubt", () => {
  beforeEach(async () => {
    await append(300);
    await trail.signNow();
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
    const before = await readFile(auditFiles(directory).lastSigned, "utf8");
    await expect(trail.signNow()).rejects.toMatchObject({ code, blocking: true });
    expect(await readFile(auditFiles(directory).lastSigned, "utf8")).toBe(before);
  });

  test("a rewritten history under the same size is seen against the file beside the key", async () => {
    await trail.signNow();
    await tamper(
      `UPDATE "AuditNode" SET hash = sha256('x') WHERE level = 6 AND index = 4`,
      `DELETE FROM "AuditCheckpoint" WHERE size > 300`,
    );
    expect(await codes()).toContain("AUDIT_INCONSISTENT");
  });

  test("a file beside the key that this key did not sign is refused", async () => {
    const file = auditFiles(directory).lastSigned;
    await writeFile(file, (await readFile(file, "utf8")).replace("\n300\n", "\n3\n"));
    expect(await codes()).toEqual(["AUDIT_INCONSISTENT"]);
  });
});

describe("the check at start", () => {
  test("finds nothing wrong with an empty and with a living trail", async () => {
    expect(await trail.check()).toEqual([]);
    await append(7);
    expect(await trail.check()).toEqual([]);
    await trail.signNow();
    expect(await trail.check()).toEqual([]);
  });

  test("gives no false alarm while others append", async () => {
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 25; round += 1) await append(1);
      }),
    );
    for (let round = 0; round < 25; round += 1) expect(await trail.check()).toEqual([]);
    await writing;
  });

  test("says when guards sleep or roles are not separated", async () => {
    await superuser.query(`ALTER TABLE "AuditEvent" ENABLE TRIGGER audit_no_change`);
    expect(await trail.check()).toMatchObject([
      {
        code: "AUDIT_GUARDS_MISSING",
        blocking: true,
        message: expect.stringContaining("AuditEvent.audit_no_change"),
      },
    ]);
    await superuser.query(`ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER audit_no_change`);
    const owner = openPool(database.ownerUrl, 2);
    const asOwner = await openAuditTrail({
      store: pgAuditStore(owner),
      transact: pgTransactions(owner),
      snapshot: pgTransactions(owner, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
      files: auditFiles(directory),
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

describe("the whole check inside the product names the fault", () => {
  beforeEach(async () => {
    await append(300);
    await trail.signNow();
    await append(50);
    await trail.signNow();
  });

  test("an untouched trail is intact", async () => {
    const seen: number[] = [];
    const report = await trail.verify({ onProgress: (checked) => seen.push(checked) });
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
    const report = await trail.verify();
    expect(report).toMatchObject({ intact: false });
    if (seq !== null) expect(report.firstBadSeq).toBe(seq);
  });

  test("the plain SQL of docs/audit.md finds the first bad entry, and nothing in an intact trail", async () => {
    const page = await readFile(
      path.resolve(import.meta.dirname, "../../../docs/audit.md"),
      "utf8",
    );
    const sql = /```sql\n([\s\S]+?)```/.exec(page)?.[1] ?? "";
    expect((await superuser.query(sql)).rows).toEqual([]);
    await tamper(`UPDATE "AuditEvent" SET leaf = ${edit} WHERE seq = 120`);
    expect((await superuser.query(sql)).rows).toEqual([{ seq: "120" }]);
  });

  test("a careful forgery of everything in the database is seen at the next signature", async () => {
    // All rows after 120 rebuilt by the database's own function, so that every stored hash fits.
    const { rows } = await superuser.query<{ text: string }>(
      `SELECT convert_from(leaf, 'UTF8') AS text FROM "AuditEvent" ORDER BY seq`,
    );
    const leaves = rows.map(({ text }, seq) => (seq === 120 ? text.replace("Ines", "Inez") : text));
    await tamper(
      `DELETE FROM "AuditEvent"`,
      `DELETE FROM "AuditTarget"`,
      `DELETE FROM "AuditNode"`,
      `UPDATE "AuditHead" SET size = 0, "forcedSize" = 0, frontier = '{}', "chainHash" = decode(repeat('00', 32), 'hex')`,
    );
    await pgAuditStore(pool).append(leaves, false);
    expect(await codes()).toContain("AUDIT_INCONSISTENT");
    expect(await trail.verify()).toMatchObject({
      intact: false,
      message: expect.stringContaining("signed at 300"),
    });
    await append(1);
    await expect(trail.signNow()).rejects.toMatchObject({ code: "AUDIT_INCONSISTENT" });
  });
});

describe("proofs and exports", () => {
  test("an entry is proven under the newest checkpoint, also as a C2SP tlog-proof", async () => {
    await append(100);
    expect(await trail.prove(5)).toBe("unsigned");
    expect(await trail.prove(100)).toBe("missing");
    await trail.signNow();
    await append(1);
    expect(await trail.prove(100)).toBe("unsigned");
    for (const seq of [0, 5, 63, 64, 99]) {
      const proof = await trail.prove(seq);
      if (typeof proof === "string") throw new Error(proof);
      const parsed = parseTlogProof(proof.text)!;
      const claim = {
        index: seq,
        size: 100,
        leaf: leafHash(utf8(sampleLeaf(seq)), sha256),
        root: proof.checkpoint.root,
      };
      expect(verifyInclusion(claim, parsed.hashes, sha256)).toBe(true);
      expect(parsed.checkpoint).toBe(proof.checkpoint.note);
      expect(proof.steps.map(({ start, end }) => end - start).reduce((a, b) => a + b, 1)).toBe(100);
    }
  });

  async function exported(filter: AuditFilter, sinceSize?: number): Promise<string[]> {
    const lines = await trail.exportBundle({
      filter,
      statement: describeFilter(filter),
      ...(sinceSize === undefined ? {} : { sinceSize }),
      exportedAt: new Date("2026-11-23T14:00:00Z"),
      generator: "slipway test",
    });
    let text = "";
    for await (const line of lines!) text += line;
    expect(text.endsWith("\n")).toBe(true);
    return text.slice(0, -1).split("\n");
  }

  function judge(lines: readonly string[], since: string | null = null): BundleVerdict {
    const verifier = createBundleVerifier({
      trusted: [parseVerifierKey(trail.vkey, sha256)!],
      since,
      hash: sha256,
      verifySignature: verifyEd25519,
    });
    for (const line of lines) {
      const verdict = verifier.line(line);
      if (verdict !== null) return verdict;
    }
    return verifier.end(false);
  }

  test("an empty log has nothing to export", async () => {
    expect(
      await trail.exportBundle({
        filter: {},
        statement: "",
        exportedAt: new Date(),
        generator: "",
      }),
    ).toBeNull();
  });

  test("a full export verifies, with the earlier checkpoints in it", async () => {
    await append(300);
    const kept = (await trail.signNow())!;
    await append(900);
    const lines = await exported({});
    expect(judge(lines, kept.note)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 1_200, earlierChecked: 1, sinceSize: 300 },
    });
    expect(judge(lines.toSpliced(700, 1)).status).toBe("tampered");
  });

  test("a filtered export verifies entry by entry, over several pages, and extends a kept checkpoint", async () => {
    await append(500);
    const kept = (await trail.signNow())!;
    await append(1_100);
    await trail.signNow();
    const some = parseLeafRelease(sampleLeaf(5));
    const lines = await exported({ releaseId: some }, kept.size);
    expect(judge(lines, kept.note)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 17, sinceSize: 500 },
    });
    const many = await exported({ outcomes: ["ok"], toSeq: 1_400 });
    expect(judge(many)).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 1_401, manifest: { firstSeq: 0, lastSeq: 1_400 } },
    });
    expect(judge(await exported({ actorId: "nobody" }))).toMatchObject({
      status: "valid",
      facts: { entriesChecked: 0 },
    });
    expect(judge(many.with(40, many[40]!.replace("Ines", "Inez")))).toMatchObject({
      status: "tampered",
    });
  });

  test("entries that arrive during an export do not enter it", async () => {
    await append(1_200);
    const lines = await trail.exportBundle({
      filter: {},
      statement: "Every entry.",
      exportedAt: new Date(),
      generator: "t",
    });
    const read: string[] = [];
    for await (const line of lines!) {
      if (read.length % 400 === 0) await append(5, true);
      read.push(line.slice(0, -1));
    }
    expect(judge(read)).toMatchObject({ status: "valid", facts: { entriesChecked: 1_200 } });
  });

  test("the manifest says the filter in words and for programs", async () => {
    await append(3);
    const [manifest] = await exported({
      actions: ["release.approved"],
      actorId: "u-1",
      from: new Date("2026-03-01T00:00:00Z"),
    });
    expect(JSON.parse(manifest!)).toMatchObject({
      filter:
        "Entries where action is Approved release, and actor is u-1, and time is at or after 2026-03-01T00:00:00.000Z.",
      query: { actions: ["release.approved"], actorId: "u-1", from: "2026-03-01T00:00:00.000Z" },
      scope: "selection",
      count: 0,
    });
  });
});

const parseLeafRelease = (text: string): string =>
  /"id":"([^"]+)","name":"Release 5"/.exec(text)?.[1] ?? "";
