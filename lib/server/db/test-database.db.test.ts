import { Client } from "pg";
import { expect, test } from "vitest";

import { testDatabase } from "./test-database.ts";

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test("two test databases know nothing of each other", async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    await rows(one.ownerUrl, "CREATE TABLE only_here (id int)");
    expect(await rows(one.appUrl, "SELECT * FROM only_here")).toEqual([]);
    await expect(rows(two.ownerUrl, "SELECT * FROM only_here")).rejects.toThrow(/does not exist/);
  } finally {
    await Promise.all([one.drop(), two.drop()]);
  }
});

test("the app role cannot make tables", async () => {
  const database = await testDatabase();
  try {
    await expect(rows(database.appUrl, "CREATE TABLE mine (id int)")).rejects.toThrow(
      /permission denied/,
    );
  } finally {
    await database.drop();
  }
});
