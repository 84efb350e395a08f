import { describe, expect, it } from "vitest";
import { telemetryState, type BootTelemetry } from "./telemetry.ts";

const boot = (over: Partial<BootTelemetry> = {}): BootTelemetry => ({
  runtimeId: "rt-1",
  name: "rt-1",
  bootId: "boot-1",
  isAlive: true,
  firstWindowMs: 2_000,
  lastWindowMs: 100_000,
  appliedAtMs: 0,
  hasFinalWindow: false,
  endedAtMs: null,
  ...over,
});
const at = (nowMs: number, ...boots: BootTelemetry[]) => telemetryState(boots, 2, nowMs);

describe("silence", () => {
  it("is none while windows arrive", () => {
    expect(at(101_000, boot())).toEqual({ blindSeconds: null, gaps: [] });
    expect(at(110_000, boot()).blindSeconds).toBeNull();
  });

  it("makes blind after three windows, but not within 10 s", () => {
    expect(at(111_000, boot()).blindSeconds).toBe(11);
    expect(telemetryState([boot()], 10, 125_000).blindSeconds).toBeNull();
    expect(telemetryState([boot()], 10, 131_000).blindSeconds).toBe(31);
  });

  it("counts from applying the step for a runtime that never reported", () => {
    expect(
      at(30_000, boot({ firstWindowMs: null, lastWindowMs: null, appliedAtMs: 5_000 }))
        .blindSeconds,
    ).toBe(25);
  });

  it("does not count for a runtime that has not applied the step", () => {
    expect(at(900_000, boot({ appliedAtMs: null })).blindSeconds).toBeNull();
  });

  it("of the most silent runtime counts", () => {
    expect(
      at(140_000, boot(), boot({ runtimeId: "rt-2", bootId: "b2", lastWindowMs: 60_000 }))
        .blindSeconds,
    ).toBe(80);
  });
});

describe("a process start that ended", () => {
  const dead = boot({ isAlive: false, endedAtMs: 100_000 });

  it("with its last window is no gap", () => {
    expect(at(101_000, { ...dead, hasFinalWindow: true })).toEqual({
      blindSeconds: null,
      gaps: [],
    });
  });

  it("without one makes blind until its successor has reported for three windows, and stays named", () => {
    const successor = boot({
      bootId: "boot-2",
      appliedAtMs: 103_000,
      firstWindowMs: 104_000,
      lastWindowMs: 120_000,
    });
    const early = { ...successor, lastWindowMs: 108_000 };
    expect(at(105_000, dead).blindSeconds).toBe(5);
    expect(at(108_000, dead, early).blindSeconds).toBe(8);
    expect(at(121_000, dead, successor)).toEqual({
      blindSeconds: null,
      gaps: ["rt-1 ended without a last window"],
    });
  });
});
