import { describe, expect, test } from "vitest";
import { productionPolicy } from "#lib/contracts/environment-policy.ts";
import { parseDesired } from "./desired.ts";
import { type Present, changeLines, planChanges } from "./plan-changes.ts";

const PRESENT: Present = {
  models: [{ name: "credit", intendedUse: "Scores applications for credit.", riskTier: "high" }],
  environments: [{ name: "production", policy: productionPolicy }],
  endpoints: [{ name: "credit", environment: "production", model: "credit", stableVersion: "1.0.0" }],
};
const NOTHING: Present = { models: [], environments: [], endpoints: [] };
const DOCUMENT = `
models:
  - { name: credit, intendedUse: Scores applications for credit., riskTier: high }
environments:
  - name: production
    policy: { approvalsRequired: 2 }
endpoints:
  - { name: credit, environment: production, model: credit, version: 1.1.0 }
`;

describe("what a slipway.yaml asks", () => {
  test("is made in the order in which it can be, where nothing is there yet", () => {
    expect(planChanges(parseDesired(DOCUMENT), NOTHING).flatMap(changeLines)).toEqual([
      "+ model credit (high risk)",
      "+ environment production",
      "+ endpoint credit in production, serving credit 1.1.0",
    ]);
  });

  test("is a difference only: the policy's changed lines, and a release for another version", () => {
    expect(planChanges(parseDesired(DOCUMENT), PRESENT).flatMap(changeLines)).toEqual([
      "~ environment production",
      "    approvalsRequired: 1 -> 2",
      "~ endpoint credit: 1.0.0 -> 1.1.0, by a release under the environment's policy",
    ]);
  });

  test("is nothing where all is so already, and where it names nothing", () => {
    const same = DOCUMENT.replace("1.1.0", "1.0.0").replace("approvalsRequired: 2", "approvalsRequired: 1");
    expect(planChanges(parseDesired(same), PRESENT)).toEqual([]);
    expect(planChanges(parseDesired(""), PRESENT)).toEqual([]);
  });

  test("is said to be impossible where a record does not change", () => {
    const other = DOCUMENT.replace("riskTier: high", "riskTier: low").replace("model: credit", "model: other");
    expect(planChanges(parseDesired(other), PRESENT).filter(({ kind }) => kind === "fixed").flatMap(changeLines)).toEqual([
      '! model credit: riskTier is "high" and cannot be changed here',
      "! endpoint credit serves credit in production, which never changes",
    ]);
  });
});

test.each([
  ["a: b", "a"],
  ["models: [{ name: Bad Name, intendedUse: long enough text, riskTier: high }]", "/models/0/name"],
  ["environments: [{ name: production, policy: { approvalsRequired: many } }]", "/environments/0/policy/approvalsRequired"],
  ["environments: [{ name: production, policy: { approvals: 1 } }]", "/environments/0/policy"],
  ["models: [", "Not YAML"],
])("%s is refused with its place", (text, place) => expect(() => parseDesired(text)).toThrow(place));
