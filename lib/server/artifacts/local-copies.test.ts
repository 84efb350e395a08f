import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLocalCopies } from "./local-copies.ts";

const HOUR_MS = 3_600_000;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-copies-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("trimming removes what was not used for longest, never what was used a moment ago", async () => {
  let now = Date.now();
  const copies = await openLocalCopies(directory, 250, () => now);
  const keep = async (letter: string): Promise<string> => {
    const staged = await copies.store.stage(Readable.from([Buffer.alloc(100, letter)]), { maxBytes: 1000, name: "file", pointer: "" });
    await staged.keep();
    await copies.used(staged.digest);
    now += HOUR_MS;
    return staged.digest;
  };
  const [first, second, third] = [await keep("a"), await keep("b"), await keep("c")];
  await copies.used(first);
  expect(await copies.trim()).toBe(1);
  expect([await copies.store.has(first), await copies.store.has(second), await copies.store.has(third)]).toEqual([true, false, true]);

  await keep("d");
  now -= HOUR_MS;
  await copies.used(first);
  await copies.used(third);
  expect(await copies.trim()).toBe(0);
});
