import { describe, expect, it } from "vitest";
import { runCampaign, type Campaign } from "./campaign.fixture.ts";
import { demoCanaryPlan } from "./plan.ts";
import { HONEST, USUAL_TRAFFIC, type Behaviour, type TrafficSettings } from "./traffic.fixture.ts";

/** Whole releases by the demo's plan at 120 requests/s, with true labels for 60 % of the answers after 2 to 5 s. */
const RUNS = process.env.SLIPWAY_TEST_FULL === "1" ? 200 : 12;
/** A loaded machine may be slow; the simulated clock is not. */
const PATIENT = { timeout: 300_000 };
const campaigns = (
  candidate: Partial<Behaviour>,
  over: Partial<TrafficSettings> = {},
  limitSeconds = 400,
): Campaign[] =>
  Array.from({ length: RUNS }, (_, run) =>
    runCampaign(
      demoCanaryPlan(),
      {
        ...USUAL_TRAFFIC,
        ...over,
        seed: 4_000 + run,
        candidate: { ...(over.stable ?? HONEST), ...candidate },
      },
      limitSeconds,
    ),
  );
const share = (runs: readonly Campaign[], state: string) =>
  runs.filter(({ release }) => release.state === state).length / runs.length;
const secondsAt = (runs: readonly Campaign[], q: number) =>
  runs.map(({ seconds }) => seconds).sort((a, b) => a - b)[Math.floor(q * (runs.length - 1))];

describe("an honest version", PATIENT, () => {
  const runs = campaigns({});

  it("is promoted by itself, in two minutes in the median and in three nearly always, bake included", () => {
    expect(share(runs, "COMPLETED")).toBeGreaterThanOrEqual(0.95);
    expect(secondsAt(runs, 0.5)).toBeLessThanOrEqual(140);
    expect(secondsAt(runs, 0.9)).toBeLessThanOrEqual(185);
    expect(secondsAt(runs, 0)).toBeGreaterThanOrEqual(90);
  });

  it("goes 10, 25, 50 %, promotion, bake", () => {
    const moves = runs[0]?.events.map(({ event, weightBp }) => `${event} ${weightBp}`);
    expect(moves).toEqual([
      "start_by_plan 0",
      "all_loaded 0",
      "enter_step 1000",
      "enter_step 2500",
      "enter_step 5000",
      "promote 0",
      "bake 0",
      "complete 0",
    ]);
  });

  it("is never rolled back in these runs", () => {
    expect(runs.every(({ release }) => release.rollback === null)).toBe(true);
  });
});

describe("a defective version", PATIENT, () => {
  it.each<[string, Partial<Behaviour>, number]>([
    ["20 % wrong labels", { wrongRate: 0.2 }, 60],
    ["35 % wrong labels", { wrongRate: 0.35 }, 30],
    ["every tenth request fails", { errorRate: 0.1 }, 30],
    ["answers in 40 ms instead of 2", { latencyUs: 40_000 }, 20],
  ])("with %s is rolled back by its own metrics", (_, candidate, seconds) => {
    const runs = campaigns(candidate);
    expect(share(runs, "ROLLED_BACK")).toBe(1);
    expect(runs.every(({ release }) => release.rollback?.cause === "harm")).toBe(true);
    expect(secondsAt(runs, 0.9)).toBeLessThanOrEqual(seconds);
  });

  it("with twice the wrong labels is never promoted within the demo's minutes", () => {
    const runs = campaigns({ wrongRate: 0.06 }, {}, 200);
    expect(share(runs, "COMPLETED")).toBeLessThanOrEqual(0.1);
  });

  it("that shifts predictions far is held for a person", () => {
    const runs = campaigns({ yesShare: 0.8 }, {}, 90);
    expect(share(runs, "HOLDING")).toBe(1);
    expect(runs.every(({ release }) => release.hold?.reason === "LIMIT_CROSSED")).toBe(true);
  });
});

it("an honest version is neither blamed nor promoted when labels stay away", PATIENT, () => {
  const runs = campaigns({}, { labelShare: 0 }, 200);
  expect(share(runs, "HOLDING")).toBe(1);
});
