import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emphasise } from "#lib/client/sentence-emphasis.ts";
import { sentence, type SentenceFacts } from "#lib/domain/release/sentence.ts";
import type { WaitReason } from "#lib/domain/release/wait-reason.ts";

const facts: SentenceFacts = {
  modelName: "tumour-triage",
  versionName: "3.2.0",
  stableVersionName: "3.1.4",
  environmentName: "production",
  state: "HOLDING",
  weightBp: 2500,
  stepNumber: 3,
  stepCount: 4,
  stateSinceMs: 0,
  nowMs: 240_000,
  personName: null,
};
const undecided: WaitReason = {
  code: "undecided",
  metric: "latencyP95",
  undecidedGuards: 1,
  ratio: 1.31,
  lower: 0.94,
  upper: 2.2,
  limitRatio: 2,
  unitWord: "requests",
  unitsStillNeeded: 2100,
  etaSeconds: 210,
};

const joined = (parts: readonly { text: string }[]) => parts.map((part) => part.text).join("");

describe("emphasis of the release's sentence", () => {
  it("marks what is live, where it stands, what it hangs on and what is still needed", () => {
    const parts = emphasise(sentence(undecided, facts), facts.versionName, true);
    expect(
      parts.filter((part) => part.as === "strong").map((part) => part.text.replace("\u00a0", " ")),
    ).toEqual(["3.2.0", "25 %", "Holding at step 3 of 4", "2,100 more requests"]);
    expect(parts.find((part) => part.as === "cause")?.text).toBe("p95 latency is undecided");
  });

  it("underlines no cause where nothing holds", () => {
    const running = { ...facts, state: "STEP_ACTIVE" as const };
    const parts = emphasise(
      sentence({ code: "minimum_dwell", untilMs: 300_000 }, running),
      "3.2.0",
      false,
    );
    expect(parts.some((part) => part.as === "cause")).toBe(false);
  });

  it("never changes a letter, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.boolean(),
        (text, version, underline) => {
          expect(joined(emphasise(text, version, underline))).toBe(text);
          const like = `a ${version} b. Holding at step 1 of 2 for 3 s: ${text}`;
          expect(joined(emphasise(like, version, underline))).toBe(like);
        },
      ),
      { seed: 20261123 },
    );
  });
});
