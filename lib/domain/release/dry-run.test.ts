import { describe, expect, test } from "vitest";
import { dryRun, refusedDryRun, type DryRunScene } from "./dry-run.ts";
import { demoCanaryPlan } from "./plan.ts";
import { planOfStrategy } from "./strategy-plans.ts";

const PLAN = demoCanaryPlan();
const NOW = Date.UTC(2026, 10, 25, 12);
const SCENE: DryRunScene = {
  plan: PLAN,
  nowMs: NOW,
  startsAtMs: null,
  approvals: { approvalsNeeded: 0, approverRoles: [], rolesNeeded: [] },
  open: { submit: [], firstTraffic: [], firstWeight: [] },
  freezeWindows: [],
  traffic: { requestsPerSecond: 120, baseRate: 0 },
};
const standing = (scene: DryRunScene, stage: string) => dryRun(scene).lines.find((line) => line.stage === stage)?.standing;

describe("a dry run", () => {
  test("of a release with nothing in its way starts at once and says the shortest time: at least every dwell and the bake", () => {
    const found = dryRun(SCENE);
    const least = PLAN.steps.reduce((sum, { dwellSeconds }) => sum + dwellSeconds, 0) + PLAN.bakeSeconds;
    expect([found.outcome, found.startsAtMs]).toEqual(["starts", NOW]);
    expect(found.shortestSeconds).toBeGreaterThanOrEqual(least);
    expect(found.sentence).toMatch(/^It would start at once; over in about /);
    expect(found.lines.map(({ stage }) => stage)).toEqual(["make", "submit", "approve", "start", ...PLAN.steps.map(() => "step"), "promote", "bake"]);
  });

  test("takes longer with less traffic, and tells no time without any", () => {
    const at = (requestsPerSecond: number) => dryRun({ ...SCENE, traffic: { requestsPerSecond, baseRate: 0 } }).shortestSeconds ?? 0;
    expect(at(1)).toBeGreaterThan(at(120));
    const blind = dryRun({ ...SCENE, traffic: null });
    expect(blind.shortestSeconds).toBeNull();
    expect(blind.sentence).toContain("too little was served here lately");
  });

  test("names the people it waits for, and is stopped by nobody else", () => {
    const found = dryRun({ ...SCENE, approvals: { approvalsNeeded: 2, approverRoles: ["ML Lead", "Validator"], rolesNeeded: ["Validator"] } });
    expect(found.outcome).toBe("waits");
    expect(found.sentence).toContain("wait for 2 approvals, then start at once");
    expect(found.lines[2]?.text).toContain("2 people (ML Lead or Validator, among them Validator)");
  });

  test("does not start in a change freeze, nor in the one that follows it, nor before the time asked for", () => {
    const once = (name: string, from: number, until: number) => ({ kind: "once" as const, name, from: new Date(from).toISOString(), until: new Date(until).toISOString() });
    const hour = 3_600_000;
    const freezeWindows = [once("quarter end", NOW - hour, NOW + hour), once("audit", NOW + hour, NOW + 3 * hour)];
    const found = dryRun({ ...SCENE, freezeWindows });
    expect([found.outcome, found.startsAtMs]).toEqual(["waits", NOW + 3 * hour]);
    expect(found.lines[3]?.text).toContain("“quarter end” and “audit”");
    expect(dryRun({ ...SCENE, freezeWindows, startsAtMs: NOW + 5 * hour }).startsAtMs).toBe(NOW + 5 * hour);
  });

  test("says at which point the checklist stops it: when approval is asked for, or at the first weight", () => {
    const late = { ...SCENE, open: { submit: [], firstTraffic: [], firstWeight: ["REL-3 Rollback tested: no drill."] } };
    expect([dryRun(late).outcome, standing(late, "submit"), standing(late, "start")]).toEqual(["stopped", "goes", "stops"]);
    const early = { ...SCENE, open: { submit: ["PRE-1: missing."], firstTraffic: ["PRE-1: missing."], firstWeight: ["PRE-1: missing."] } };
    expect(dryRun(early)).toMatchObject({ outcome: "stopped", startsAtMs: null, sentence: "It could be kept as a draft; approval can be asked for once the checklist below is closed." });
    // A challenger is mirrored first: what is asked for before live weight does not stop it yet.
    expect(standing({ ...late, plan: planOfStrategy("shadow", PLAN) }, "start")).toBe("goes");
  });

  test("promises no time where a person decides", () => {
    const gated = { ...SCENE, plan: { ...PLAN, steps: PLAN.steps.map((step) => ({ ...step, advance: "gate" as const })) } };
    expect(dryRun(gated).shortestSeconds).toBeNull();
    expect(standing(gated, "step")).toBe("stops");
  });

  test("of what could not be made says why and what to do", () => {
    expect(refusedDryRun("Release 4 is not over.", [], "Let it end.")).toMatchObject({ outcome: "refused", sentence: "It would be refused. Release 4 is not over.", lines: [{ text: "Release 4 is not over. Let it end." }] });
  });
});
