import { expect, it } from "vitest";
import type { DeviceManifestRecord } from "../db/device-repository.ts";
import { versionBefore } from "./update-devices.ts";

const order = (number: number, versionOrdinal: number, more: Partial<DeviceManifestRecord> = {}): DeviceManifestRecord =>
  ({ number, versionOrdinal, versionId: `v${versionOrdinal}`, state: "complete", hardware: [], ...more }) as DeviceManifestRecord;

it("goes further back at a second roll back, never forward to what was left", () => {
  const [one, two, three, back] = [order(1, 1), order(2, 2), order(3, 3), order(4, 2, { kind: "rollback" })];
  expect(versionBefore([three, two, one], three)).toBe(two);
  expect(versionBefore([back, three, two, one], back)).toBe(one);
  expect(versionBefore([one], one)).toBeUndefined();
});

it("takes no order that does not reach every device of the newest one", () => {
  const [every, arm] = [order(1, 1), order(2, 2, { hardware: ["linux-arm64"] })];
  const all = order(3, 3);
  expect(versionBefore([all, arm, every], all)).toBe(every);
  const both = order(3, 3, { hardware: ["linux-arm64", "linux-x64"] });
  expect(versionBefore([both, arm], both)).toBeUndefined();
  const same = order(3, 3, { hardware: ["linux-arm64"] });
  expect(versionBefore([same, arm, every], same)).toBe(arm);
});
