import { describe, expect, it } from "vitest";
import { NO_NOTE, readNote, writeNote } from "./place-note.ts";

describe("the note beside an offset", () => {
  it("reads what it wrote", () => {
    for (const note of [NO_NOTE, { rollbackSeq: 3, since: null }, { rollbackSeq: 12, since: { epoch: 7, offset: 123_456_789_012 } }])
      expect(readNote(writeNote(note))).toEqual(note);
  });

  it("takes what others wrote for none", () => {
    for (const text of [null, "", "consumer-1", "slipway rollback=-1", "slipway rollback=1 epoch=2", "slipway rollback=1 epoch=2 from=3 more"])
      expect(readNote(text)).toEqual(NO_NOTE);
  });
});
