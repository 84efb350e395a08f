import { describe, expect, it } from "vitest";
import { csvText } from "#lib/client/csv.ts";

describe("CSV", () => {
  it("quotes what needs it and leaves gaps empty", () => {
    expect(
      csvText(
        ["a", "b"],
        [
          ["x,y", 1.5],
          ['say "no"', null],
        ],
      ),
    ).toBe('a,b\r\n"x,y",1.5\r\n"say ""no""",\r\n');
  });

  it("does not hand a spreadsheet a formula", () => {
    expect(csvText(["a"], [["=HYPERLINK(1)"]])).toContain("'=HYPERLINK(1)");
  });
});
