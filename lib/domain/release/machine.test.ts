import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RELEASE_LABELS, STATUS_SHAPES } from "./labels.ts";
import { machineDiagram, machineTable } from "./machine-diagram.fixture.ts";
import {
  isLegal,
  machineRows,
  RELEASE_MACHINE,
  STATES_WITH_ROLL_BACK,
  targetsOf,
} from "./machine.ts";
import { ENDED_WITHOUT_SUCCESS, isEnd, mayHaveWeight, RELEASE_STATES } from "./states.ts";

const DOCUMENT = new URL("../../../docs/release-machine.md", import.meta.url);
const BLOCK =
  /(<!-- generated from lib\/domain\/release\/machine\.ts -->\n)[\s\S]*(\n<!-- end -->)/;

describe("the transition table", () => {
  it("knows every state, and ends only in end states", () => {
    expect(Object.keys(RELEASE_MACHINE)).toEqual([...RELEASE_STATES]);
    const withoutExit = RELEASE_STATES.filter(
      (state) => Object.keys(RELEASE_MACHINE[state]).length === 0,
    );
    expect(withoutExit).toEqual(
      ENDED_WITHOUT_SUCCESS.toSorted((a, b) => withoutExit.indexOf(a) - withoutExit.indexOf(b)),
    );
  });

  it("reaches every state from the draft", () => {
    const reached = new Set(["DRAFT"]);
    for (let round = 0; round < RELEASE_STATES.length; round += 1) {
      for (const { from, to } of machineRows()) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...RELEASE_STATES].sort());
  });

  it("has roll back in every state in which the candidate may have weight, and where it is made ready", () => {
    const states = RELEASE_STATES.filter((state) => targetsOf(state, "roll_back") !== undefined);
    expect(states.toSorted()).toEqual([...STATES_WITH_ROLL_BACK].toSorted());
    expect(RELEASE_STATES.filter(mayHaveWeight).every((state) => states.includes(state))).toBe(
      true,
    );
  });

  it("never leads from an end back to weight", () => {
    const revived = machineRows().filter(
      ({ from, to }) => isEnd(from) && from !== "COMPLETED" && mayHaveWeight(to),
    );
    expect(revived).toEqual([]);
    expect(
      machineRows()
        .filter(({ from }) => from === "ROLLING_BACK")
        .every(({ to }) => isEnd(to)),
    ).toBe(true);
  });

  it("promotes only from warmed states, steps and gates", () => {
    const from = new Set(
      machineRows()
        .filter(({ to }) => to === "PROMOTING")
        .map((row) => row.from),
    );
    expect([...from].toSorted()).toEqual([
      "AWAITING_GATE",
      "HOLDING",
      "SHADOWING",
      "STEP_ACTIVE",
      "WARMING",
    ]);
    expect(isLegal("HOLDING", "promote", "PROMOTING")).toBe(false);
  });

  it("is the picture in docs/release-machine.md", () => {
    const block = `\n\`\`\`mermaid\n${machineDiagram()}\n\`\`\`\n\n${machineTable()}\n`;
    const document = readFileSync(DOCUMENT, "utf8");
    const expected = document.replace(
      BLOCK,
      (_, start: string, end: string) => `${start}${block}${end}`,
    );
    if (process.env.SLIPWAY_UPDATE_DOCS === "1") writeFileSync(DOCUMENT, expected);
    else expect(document).toBe(expected);
    expect(expected).toContain(machineDiagram());
  });
});

it("gives each state one word and one shape", () => {
  const words = RELEASE_STATES.map((state) => RELEASE_LABELS[state].word);
  expect(new Set(words).size).toBe(RELEASE_STATES.length);
  expect(RELEASE_STATES.every((state) => STATUS_SHAPES.includes(RELEASE_LABELS[state].shape))).toBe(
    true,
  );
});
