import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

let test: TestApp;
let auditor: Actor;
beforeAll(async () => {
  test = await testApp();
  auditor = await testPerson(test.app, "Nora Blum", ["auditor"]);
  for (const name of ["Ada One", "Ben Two", "Cy Three"]) await testPerson(test.app, name, ["viewer"]);
});
afterAll(() => test.close());

async function textOf(format: "csv" | "jsonl", filter: { action?: "user.created" } = {}): Promise<string> {
  const { lines } = await test.app.audit.exportFile(auditor, { format, ...filter });
  let text = "";
  for await (const line of lines) text += line;
  return text;
}
const hashOf = (hashes: readonly string[]): string => createHash("sha256").update(hashes.map((hash) => `${hash}\n`).join("")).digest("hex");

it("heads JSON Lines with how many entries follow and one hash over theirs", async () => {
  const [head, ...rows] = (await textOf("jsonl")).trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(head).toMatchObject({ entries: rows.length, trailSize: rows.length, firstSeq: 0, lastSeq: rows.length - 1 });
  expect(head?.["leafHashesSha256"]).toBe(hashOf(rows.map(({ leafHash }) => String(leafHash))));
});

it("heads CSV with the same, of the filtered set only", async () => {
  const [first, second, columns, ...rows] = (await textOf("csv", { action: "user.created" })).trimEnd().split("\r\n");
  expect(first).toContain("Entries where action is Created user");
  expect(columns).toMatch(/,sha256$/);
  const hashes = rows.map((row) => row.slice(row.lastIndexOf(",") + 1));
  expect(second).toMatch(new RegExp(`^# ${String(rows.length)} of \\d+ entries, number \\d+ to \\d+\\.`));
  expect(second).toContain(hashOf(hashes));
});
