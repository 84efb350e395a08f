import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "./test-database.ts";
import { OneQueryClient } from "./one-query-client.ts";

describe("a connection that takes one query at a time", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it("answers queries that were asked side by side in their order, and goes on after one that failed", async () => {
    const client = new OneQueryClient({ connectionString: database.appUrl });
    await client.connect();
    try {
      const ask = async (text: string) => (await client.query<{ n: number }>(text)).rows[0]?.n;
      const asked = [ask("SELECT 1 AS n"), ask("SELECT 1/0 AS n"), ask("SELECT 3 AS n"), ask("SELECT 4 AS n")];
      const answers = await Promise.allSettled(asked);
      expect(answers.map((one) => (one.status === "fulfilled" ? one.value : "failed"))).toEqual([1, "failed", 3, 4]);
    } finally {
      await client.end();
    }
  });

  it("never gives pg a second query to keep, of which pg warns", async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    const askFour = async (client: Client): Promise<number> => {
      await client.connect();
      await Promise.all([1, 2, 3, 4].map((n) => client.query(`SELECT ${String(n)}`)));
      await client.end();
      return warnings.filter((message) => message.includes("already executing a query")).length;
    };
    process.on("warning", note);
    try {
      expect(await askFour(new OneQueryClient({ connectionString: database.appUrl }))).toBe(0);
      // pg warns once a process: that it does here shows that it would have done so above.
      expect(await askFour(new Client({ connectionString: database.appUrl }))).toBe(1);
    } finally {
      process.off("warning", note);
    }
  });
});
