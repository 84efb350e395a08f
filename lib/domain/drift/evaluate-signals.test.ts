import { describe, expect, it } from "vitest";
import { cadenceSeconds, completeRules, defaultRules, ruleKeys, ruleWindows, type AlertRule, type RuleKey } from "./alert-rules.ts";
import { readRule, type SignalSnapshot } from "./evaluate-signals.ts";
import type { FeatureDrift } from "./feature-drift.ts";
import { burnWindows } from "#lib/domain/serving/service-level.ts";
import { EMPTY_PERIOD } from "./period.ts";

const ruleOf = (key: RuleKey, change: Partial<AlertRule> = {}): AlertRule => {
  const found = defaultRules.find((rule) => rule.key === key);
  if (found === undefined) throw new Error(key);
  return { ...found, ...change };
};
const feature = (name: string, psi: number, more: Partial<FeatureDrift> = {}): FeatureDrift => ({
  name,
  kind: "numeric",
  referenceCount: 10_000,
  count: 1000,
  minimumCount: 450,
  psi,
  nullBand: 0.02,
  excess: Math.max(0, psi - 0.02),
  jensenShannon: null,
  kolmogorovSmirnov: null,
  wasserstein: null,
  largestDifference: null,
  chiSquare: null,
  adjustedP: psi > 0.1 ? 0 : 1,
  missing: null,
  outside: null,
  verdict: psi >= 0.25 ? "past_limit" : psi >= 0.1 ? "past_floor" : "within",
  ...more,
});
const snapshot = (change: Partial<SignalSnapshot> = {}): SignalSnapshot => ({
  period: { ...EMPTY_PERIOD, requests: 1000 },
  silence: null,
  features: [],
  outputs: [],
  noFeatures: null,
  noOutputs: null,
  estimate: null,
  ...change,
});

describe("reading rules from a window", () => {
  it("groups all features past the limit in one reading, the worst first", () => {
    const features = [feature("utilisation", 0.33), feature("product", 1.1), feature("age", 0.01)];
    const reading = readRule(ruleOf("feature_drift"), snapshot({ features }));
    expect(reading).toMatchObject({ observation: "breach", value: 1.1, subjects: ["product", "utilisation"] });
    expect(reading.sentence).toBe("2 of 3: product, utilisation. Largest: product, PSI 1.100; chance explains 0.020");
  });

  it("calls a feature near its limit neither breach nor quiet, and one within it quiet", () => {
    expect(readRule(ruleOf("feature_drift"), snapshot({ features: [feature("a", 0.22)] })).observation).toBe("near");
    expect(readRule(ruleOf("feature_drift"), snapshot({ features: [feature("a", 0.05)] })).observation).toBe("quiet");
  });

  it("names what is missing when nothing can be judged", () => {
    const small = feature("a", 0.5, { verdict: "insufficient", count: 40 });
    const reading = readRule(ruleOf("feature_drift"), snapshot({ features: [small] }));
    expect([reading.observation, reading.sentence]).toEqual(["insufficient", "40 values in the window, 450 needed."]);
    const none = readRule(ruleOf("feature_drift"), snapshot({ noFeatures: "No profile." }));
    expect([none.observation, none.sentence]).toEqual(["insufficient", "No profile."]);
  });

  it("is stale for every rule when nothing comes, and only the silence itself can breach", () => {
    const silence = { seconds: 200, runtimesReport: false, reason: "No runtime has sent counts for 200 s." };
    const readings = defaultRules.map((rule) => readRule(rule, snapshot({ period: null, silence })));
    for (const { key, observation, sentence } of readings) {
      expect([key, observation]).toEqual([key, key === "silence" ? "breach" : "stale"]);
      expect(sentence).toContain("No runtime");
    }
    const idle = { seconds: 900, runtimesReport: true, reason: "Runtimes report, but no request came for 900 s." };
    expect(readRule(ruleOf("silence"), snapshot({ period: null, silence: idle })).observation).toBe("quiet");
    expect(readRule(ruleOf("error_rate"), snapshot({ period: null, silence: idle })).observation).toBe("stale");
  });

  it("judges shares only from enough events", () => {
    const period = { ...EMPTY_PERIOD, requests: 99, errors: 50 };
    expect(readRule(ruleOf("error_rate"), snapshot({ period })).observation).toBe("insufficient");
    const enough = { ...EMPTY_PERIOD, requests: 1000, errors: 10 };
    expect(readRule(ruleOf("error_rate"), snapshot({ period: enough }))).toMatchObject({ observation: "breach", value: 0.01 });
  });

  it("shows figures without a limit and never judges them", () => {
    const period = { ...EMPTY_PERIOD, labelsReceived: 100, labelsWrong: 90, values: { received: 50, sum: -500, sumSquares: 1 } };
    expect(readRule(ruleOf("measured_accuracy"), snapshot({ period }))).toMatchObject({ observation: "quiet", value: 0.1 });
    expect(readRule(ruleOf("business_value"), snapshot({ period }))).toMatchObject({ observation: "quiet", value: -10 });
    expect(readRule(ruleOf("measured_accuracy", { limit: 0.8 }), snapshot({ period })).observation).toBe("breach");
    expect(readRule(ruleOf("business_value", { limit: 0 }), snapshot({ period })).observation).toBe("breach");
  });

  it("tells a rise of nulls by points, not by ratio", () => {
    const missing = { reference: 0.021, current: 0.089, p: 1e-9, isPastLimit: true };
    const reading = readRule(ruleOf("feature_nulls"), snapshot({ features: [feature("months", 0, { missing })] }));
    expect(reading.observation).toBe("breach");
    expect(reading.value).toBeCloseTo(0.068, 12);
    expect(reading.sentence).toBe("months: 8.90 %, was 2.10 %");
  });
});

describe("the rules of an endpoint", () => {
  it("has one default for each kind and keeps what was stored", () => {
    expect(defaultRules.map(({ key }) => key)).toEqual([...ruleKeys]);
    const own = ruleOf("error_rate", { limit: 0.5 });
    expect(completeRules([own]).find(({ key }) => key === "error_rate")).toEqual(own);
    expect(completeRules([])).toEqual(defaultRules);
  });

  it("looks at a window at least as often as the window is long", () => {
    for (const seconds of ruleWindows) expect(cadenceSeconds(seconds)).toBeLessThanOrEqual(seconds);
  });
});

describe("error budgets", () => {
  const burns = (long: number | null, short: number | null, events = 5000) =>
    burnWindows.map((window) => ({ objective: "availability" as const, window, limit: 2, long, short, events, ratio: long === null || short === null ? null : Math.min(long, short) / 2 }));

  it("are read by their own stretches, whether or not a request came in the rule's window", () => {
    const reading = readRule(ruleOf("budget_burn_fast"), snapshot({ period: null, burns: burns(9, 8) }));
    expect(reading).toMatchObject({ observation: "breach", value: 4, subjects: ["availability"] });
    expect(readRule(ruleOf("budget_burn_slow"), snapshot({ burns: burns(1, 8) }))).toMatchObject({ observation: "quiet", value: 0.5, subjects: [] });
    expect(readRule(ruleOf("budget_burn_fast"), snapshot({ burns: burns(1.9, 1.9) })).observation).toBe("near");
  });

  it("are not judged without a service level, without enough requests or without any in the short stretch", () => {
    const sentence = (change: Partial<SignalSnapshot>) => readRule(ruleOf("budget_burn_fast"), snapshot(change)).sentence;
    expect(sentence({})).toBe("No service level is set for this endpoint.");
    expect(sentence({ burns: burns(9, 9, 99) })).toBe("99 requests in the window, 100 needed.");
    expect(sentence({ burns: burns(9, null) })).toBe("No request came in the short window.");
  });
});
