import type { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleLeaf } from "#lib/domain/audit/sample-log.fixture.ts";
import { connect, openPool, pgAuditStore } from "./audit-store.fixture.ts";
import type { TestDatabase } from "./test-database.ts";
import { testDatabase } from "./test-database.ts";

const TABLES = ["AuditEvent", "AuditTarget", "AuditNode", "AuditHead", "AuditCheckpoint"] as const;
const COLUMN: Readonly<Record<(typeof TABLES)[number], string>> = {
  AuditEvent: "action = 'x'",
  AuditTarget: "type = 'x'",
  AuditNode: "hash = '\\x00'",
  AuditHead: "\"chainHash\" = '\\x00'",
  AuditCheckpoint: "note = 'x'",
};

let database: TestDatabase;
let app: Client;
let owner: Client;
let superuser: Client;

beforeAll(async () => {
  database = await testDatabase();
  app = await connect(database.appUrl);
  owner = await connect(database.ownerUrl);
  superuser = await connect(database.superuserUrl);
  const store = pgAuditStore(app);
  await store.append([sampleLeaf(0), sampleLeaf(1)], false);
  await store.recordCheckpoint({
    size: 2,
    root: new Uint8Array(32),
    note: "x\n",
    reason: "forced",
  });
});
afterAll(async () => {
  await Promise.all([app, owner, superuser].map((client) => client.end()));
  await database.drop();
});

describe.each(TABLES)("%s", (table) => {
  const attempts = [
    ["UPDATE", `UPDATE "${table}" SET ${COLUMN[table]}`],
    ["DELETE", `DELETE FROM "${table}"`],
    ["TRUNCATE", `TRUNCATE "${table}" CASCADE`],
  ] as const;

  test.each(attempts)(
    "%s is refused to the app role, the owner and a superuser, also in replica mode",
    async (_verb, statement) => {
      await expect(app.query(statement)).rejects.toMatchObject({ code: "42501" });
      await expect(owner.query(statement)).rejects.toThrow(/append-only|only moves|moves with/);
      await expect(superuser.query(statement)).rejects.toThrow(/append-only|only moves|moves with/);
      await superuser.query("SET session_replication_role = replica");
      try {
        await expect(superuser.query(statement)).rejects.toThrow(
          /append-only|only moves|moves with/,
        );
      } finally {
        await superuser.query("RESET session_replication_role");
      }
    },
  );

  test("the app role cannot insert, nor disable the triggers", async () => {
    await expect(app.query(`INSERT INTO "${table}" DEFAULT VALUES`)).rejects.toMatchObject({
      code: "42501",
    });
    await expect(app.query(`ALTER TABLE "${table}" DISABLE TRIGGER ALL`)).rejects.toThrow(
      /must be owner/,
    );
    await expect(app.query(`DROP TABLE "${table}"`)).rejects.toThrow(/must be owner/);
  });
});

test("the head cannot be moved back, aside, or onto an entry that is not there", async () => {
  const moves = [
    `"size" = 1`,
    `"size" = 3`,
    `"size" = 3, "chainHash" = sha256('x')`,
    `"chainHash" = sha256('x')`,
    `"frontier" = '{}'`,
    `"forcedSize" = -1`,
    `"forcedSize" = 3`,
    `"id" = 2`,
  ];
  for (const move of moves) {
    await expect(owner.query(`UPDATE "AuditHead" SET ${move}`), move).rejects.toThrow();
  }
  await expect(
    owner.query(`INSERT INTO "AuditHead" VALUES (2, 0, '\\x00', '{}', 0)`),
  ).rejects.toThrow(/audit_head_is_one_row/);
});

test("a temporary table cannot stand in for the real one", async () => {
  await superuser.query("GRANT TEMPORARY ON DATABASE " + database.name + " TO slipway_app");
  const client = await connect(database.appUrl);
  try {
    await client.query(`CREATE TEMPORARY TABLE "AuditHead" AS SELECT * FROM public."AuditHead"`);
    await client.query(`UPDATE pg_temp."AuditHead" SET "size" = 1000`);
    const { rows } = await client.query<{ first_seq: string }>(
      "SELECT first_seq FROM audit_append($1, false)",
      [[sampleLeaf(2)]],
    );
    expect(rows[0]?.first_seq).toBe("2");
  } finally {
    await client.end();
  }
});

test("inner functions are closed to the app role", async () => {
  await expect(
    app.query("SELECT audit_store_event(9, '{}', '\\x00', '\\x00')"),
  ).rejects.toMatchObject({ code: "42501" });
  await expect(app.query("SELECT audit_restrict_role('slipway_app')")).rejects.toMatchObject({
    code: "42501",
  });
});

describe("what audit_append refuses leaves nothing behind", () => {
  test.each([
    ["no leaves", []],
    ["text that is not JSON", ["{"]],
    [
      "a leaf without an id",
      [sampleLeaf(5).replace(/"id":"0197a000-0000-7000-9000-\d+"/, '"id":null')],
    ],
    ["a leaf without targets", [sampleLeaf(5).replace(/"targets":\[.*\],"ts"/, '"ts"')]],
    ["an id twice", [sampleLeaf(0)]],
    ["one bad leaf among good ones", [sampleLeaf(6), "[]"]],
  ])("%s", async (_name, leaves) => {
    const before = await pgAuditStore(app).head();
    await expect(
      app.query("SELECT * FROM audit_append($1::text[], false)", [leaves]),
    ).rejects.toThrow();
    expect(await pgAuditStore(app).head()).toEqual(before);
  });

  test.each(["REPEATABLE READ", "SERIALIZABLE"])("a transaction at %s", async (level) => {
    await app.query(`BEGIN ISOLATION LEVEL ${level}`);
    await expect(
      app.query("SELECT * FROM audit_append($1::text[], false)", [[sampleLeaf(7)]]),
    ).rejects.toThrow(/READ COMMITTED/);
    await app.query("ROLLBACK");
  });
});

describe("the start-up check sees", () => {
  const guards = async (
    client: Client | Pool = app,
  ): ReturnType<ReturnType<typeof pgAuditStore>["guards"]> => pgAuditStore(client).guards();

  test("a trigger that was disabled, and one that was put back as an ordinary one", async () => {
    await superuser.query(`ALTER TABLE "AuditEvent" DISABLE TRIGGER audit_no_change`);
    expect((await guards()).missingTriggers).toEqual(["AuditEvent.audit_no_change"]);
    await superuser.query(`ALTER TABLE "AuditEvent" ENABLE TRIGGER ALL`);
    expect((await guards()).missingTriggers).toEqual([
      "AuditEvent.audit_no_change",
      "AuditEvent.audit_no_truncate",
    ]);
    for (const trigger of ["audit_no_change", "audit_no_truncate"]) {
      await superuser.query(`ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER ${trigger}`);
    }
    expect((await guards()).missingTriggers).toEqual([]);
  });

  test("a right that the app role should not have; audit_restrict_role takes it away again", async () => {
    await owner.query(`GRANT UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO slipway_app`);
    const report = await guards();
    expect(report.rolesSeparated).toBe(false);
    expect(report.excessRights).toContain("AuditEvent: DELETE");
    await owner.query("SELECT audit_restrict_role('slipway_app')");
    expect(await guards()).toMatchObject({ rolesSeparated: true, excessRights: [] });
  });

  test("roles that are not separated", async () => {
    expect((await guards(owner)).rolesSeparated).toBe(false);
    expect((await guards(superuser)).rolesSeparated).toBe(false);
    const pool = openPool(database.appUrl, 1);
    expect((await guards(pool)).rolesSeparated).toBe(true);
    await pool.end();
  });
});
