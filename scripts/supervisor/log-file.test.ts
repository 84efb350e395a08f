import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { follow, lastLines, rotate } from "./log-file.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-log-"));
  file = join(folder, "part.log");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("a log over its size is put aside and emptied in place; three older ones are kept", () => {
  for (const round of ["one", "two", "three", "four", "five"]) {
    writeFileSync(file, `${round} ${"x".repeat(100)}`, { flag: "a" });
    expect(rotate(file, 50)).toBe(true);
  }
  expect(readdirSync(folder).sort()).toEqual([
    "part.log",
    "part.log.1",
    "part.log.2",
    "part.log.3",
  ]);
  expect(readFileSync(file, "utf8")).toBe("");
  expect(readFileSync(`${file}.1`, "utf8")).toMatch(/^five/);
  expect(readFileSync(`${file}.3`, "utf8")).toMatch(/^three/);
});

test("a small log and a missing one are left alone", () => {
  expect(rotate(file, 50)).toBe(false);
  writeFileSync(file, "short");
  expect(rotate(file, 50)).toBe(false);
});

test("following shows whole lines that come after it began, also across an emptying", () => {
  writeFileSync(file, "before\n");
  const lines: string[] = [];
  const end = follow(file, (line) => lines.push(line));
  appendFileSync(file, "one\ntw");
  appendFileSync(file, "o\nunfinished");
  end();
  expect(lines).toEqual(["one", "two"]);
});

test("the last lines are the last lines", () => {
  writeFileSync(file, Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join("\n"));
  expect(lastLines(file, 2)).toBe("line 4998\nline 4999");
  expect(lastLines(join(folder, "missing.log"))).toBe("");
});
