import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { sayFleet } from "#lib/client/device-words.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import { shellFixture } from "../shell/shell-view.fixture.ts";
import { ViewerProvider } from "../shell/viewer-context.tsx";
import { DevicesPage } from "./devices-page.tsx";

vi.mock("next/navigation", () => ({ usePathname: () => "/devices", useRouter: () => ({ refresh: () => undefined }) }));

const NOW = "2026-11-30T08:00:00.000Z";
const OPEN = { open: true, closedBecause: null };
const FLEET: DeviceFleet = {
  endpoint: "ward",
  environment: "clinic",
  model: "tumour-triage",
  version: "1.0.0",
  updates: [],
  devices: [],
  total: 0,
  revoked: 0,
  silent: 0,
  runs: [],
  rings: [1, 2, 3, 4].map((ring) => ({ ring, shareBp: [0, 100, 1000, 5000, 10_000][ring] ?? 0, devices: 0, following: 0 })),
  candidates: ["1.1.0"],
  versionBefore: null,
  mayAddDevice: OPEN,
  mayRevoke: OPEN,
  mayStart: OPEN,
  mayAdvance: OPEN,
  mayHold: OPEN,
  mayRollBack: OPEN,
};
const UPDATE: DeviceFleet["updates"][number] = {
  number: 2, kind: "update", version: "1.1.0", ring: 1, shareBp: 100, state: "rolling", hardware: [], installed: 1, failed: 1, author: "Priya Nair", reason: "Better on small lesions.", createdAt: NOW,
};
const DEVICE: DeviceFleet["devices"][number] = {
  id: "d1", name: "ward-1", hardware: "linux-arm64", bucket: 40, ring: 1, enrolledAt: NOW, revokedAt: null, revokedBy: null, contactAt: NOW, isSilent: false, manifestNumber: 1, version: "1.0.0", outcome: "refused", problem: "Golden inputs gave other outputs.", countsAt: NOW, uncounted: 1200,
};

const draw = (...fleets: readonly DeviceFleet[]): string =>
  renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <ViewerProvider shell={shellFixture}>
        <DevicesPage initial={{ asOf: NOW, fleets: [...fleets] }} controlUrl="https://slipway.example" />
      </ViewerProvider>
    </QueryClientProvider>,
  );

describe("the page of devices", () => {
  it("counts what the fleet runs and who is silent before anything else", () => {
    expect(sayFleet({ total: 4, silent: 1, runs: [{ version: "1.1.0", devices: 3 }, { version: null, devices: 1 }] })).toBe("4 devices: 3 run 1.1.0, 1 runs nothing yet; 1 is silent.");
    expect(draw({ ...FLEET, total: 2, silent: 1 }, { ...FLEET, endpoint: "ambulance", total: 1 })).toContain("3 devices on 2 endpoints; 1 is silent.");
    expect(draw({ ...FLEET, total: 1, devices: [DEVICE], runs: [{ version: "1.0.0", devices: 1 }] })).toContain("1 device runs 1.0.0; it was heard of lately.");
  });

  it("shows how a device is started where none has joined, and how an endpoint is made where there is none", () => {
    expect(draw(FLEET)).toContain("SLIPWAY_RUNTIME_ROLE=edge SLIPWAY_CONTROL_URL=https://slipway.example SLIPWAY_RUNTIME_NAME=ward-1 SLIPWAY_DEVICE_CODE=CODE node runtime/main.ts");
    expect(draw()).toContain('href="/endpoints/new"');
  });

  it("offers the next ring, the hold and the way back of an update that is under way", () => {
    const html = draw({ ...FLEET, updates: [UPDATE], versionBefore: "1.0.0" });
    expect(html).toContain("Widen to 10");
    expect(html).toContain(">Hold<");
    expect(html).toContain("Back to 1.0.0");
    expect(html.match(/Not reached/g)).toHaveLength(3);
    expect(draw({ ...FLEET, updates: [{ ...UPDATE, ring: 4 }] })).toContain("Complete 1.1.0");
    expect(draw({ ...FLEET, updates: [{ ...UPDATE, state: "held" }] })).toContain("Let it go on");
    expect(draw({ ...FLEET, updates: [{ ...UPDATE, state: "complete" }] })).not.toMatch(/Widen|>Hold</);
  });

  it("says why an act is closed to the reader", () => {
    const html = draw({ ...FLEET, updates: [UPDATE], mayAdvance: { open: false, closedBecause: "Open to ML leads of this environment." } });
    expect(html).toContain('<p class="caption closed-note">Open to ML leads of this environment.</p>');
  });

  it("shows each device's version, ring, order and problem", () => {
    const html = draw({ ...FLEET, total: 1, devices: [DEVICE] });
    for (const text of ["ward-1", "linux-arm64", "by order 1", "Refused", "Golden inputs gave other outputs.", "1,200 predictions lost"]) expect(html).toContain(text);
  });

  it("offers to revoke a device, and shows who did when", () => {
    expect(draw({ ...FLEET, total: 1, devices: [DEVICE] })).toContain('Revoke<span class="vh"> ward-1 of ward</span>');
    const html = draw({ ...FLEET, revoked: 1, devices: [{ ...DEVICE, revokedAt: NOW, revokedBy: "Priya Nair" }] });
    expect(html).toContain("by Priya Nair");
    expect(html).not.toContain("Revoke<span");
    expect(draw({ ...FLEET, total: 1, devices: [DEVICE], mayRevoke: { open: false, closedBecause: "Open to administrators." } })).toContain("Open to administrators.");
  });
});
