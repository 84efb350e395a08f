import { describe, expect, it } from "vitest";
import { isCharacterKey, matchPress, pressName, type KeyPress } from "#lib/client/shortcut-keys.ts";

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

describe("shortcuts", () => {
  it("names presses as people read them", () => {
    expect(pressName(press("R", { shiftKey: true }))).toBe("Shift+R");
    expect(pressName(press("k", { metaKey: true }))).toBe("Ctrl+K");
    expect(pressName(press("?", { shiftKey: true }))).toBe("?");
    expect(pressName(press("Shift", { shiftKey: true }))).toBeNull();
  });

  it("completes a sequence only when its second key comes in time", () => {
    const known = ["g i", "i"];
    const begun = matchPress(known, null, "g", 0).begun;
    expect(begun).toEqual({ first: "g", atMs: 0 });
    expect(matchPress(known, begun, "i", 1200).hit).toBe("g i");
    expect(matchPress(known, begun, "i", 1201).hit).toBe("i");
  });

  it("forgets a sequence on a key that does not belong to it", () => {
    const known = ["g i", "h"];
    const begun = matchPress(known, null, "g", 0).begun;
    const after = matchPress(known, begun, "x", 10);
    expect(after).toEqual({ hit: null, begun: null });
  });

  it("keeps Ctrl shortcuts when single keys are off", () => {
    expect(["g i", "Shift+R", "?", "Ctrl+K"].map(isCharacterKey)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
