import { expect, test } from "vitest";
import { downloadResponse } from "./download-response.ts";

test("a file of many lines arrives whole, however slowly it is read", async () => {
  const line = `${"Größe ".repeat(200)}\n`;
  async function* lines(): AsyncGenerator<string> {
    for (let index = 0; index < 300; index += 1) yield await Promise.resolve(line);
  }
  const response = downloadResponse({ fileName: "trail.jsonl", contentType: "text/plain", lines: lines() });
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) {
    parts.push(part);
    await new Promise((next) => setImmediate(next));
  }
  expect(Buffer.concat(parts).toString()).toBe(line.repeat(300));
});
