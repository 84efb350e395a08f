import { describe, expect, it } from "vitest";
import { ownPath } from "./own-path.ts";

describe("where to go after signing in", () => {
  it.each(["/releases/3", "/audit?from=2026-03-01#x"])("keeps %s", (path) => {
    expect(ownPath(path)).toBe(path);
  });

  it.each([null, "", "releases", "//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"])(
    "goes to the inbox instead of %s",
    (path) => {
      expect(ownPath(path)).toBe("/inbox");
    },
  );
});
