import { describe, expect, it } from "vitest";
import { isGoldenAnswer } from "./golden-answer.ts";

const answer = (label: unknown, score: number) => ({
  outputs: [
    { name: "label", data: [label] },
    { name: "score", data: [[score]] },
  ],
});

describe("a golden answer", () => {
  it.each([
    ["the same", answer(1, 0.5), true],
    ["within tolerance", answer(1, 0.5000001), true],
    ["past tolerance", answer(1, 0.6), false],
    ["another class", answer(2, 0.5), false],
    ["a class of another type", answer("1", 0.5), false],
    ["a missing output", { outputs: [{ name: "label", data: [1] }] }, false],
    [
      "too many values",
      {
        outputs: [
          { name: "label", data: [1, 1] },
          { name: "score", data: [0.5] },
        ],
      },
      false,
    ],
    ["no answer", null, false],
  ])("is repeated by %s: %s", (_, found, expected) => {
    expect(isGoldenAnswer(answer(1, 0.5), found, 1e-5)).toBe(expected);
  });

  it("that names no output is repeated by nothing", () => {
    expect(isGoldenAnswer({ outputs: [] }, answer(1, 0.5), 1)).toBe(false);
  });
});
