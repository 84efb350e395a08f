import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { openCountSpool, type CountSpool } from "./count-spool.ts";

const [BOOT, OTHER_BOOT] = ["0191a000-0000-7000-8000-000000000001", "0191a000-0000-7000-8000-000000000002"];
const START_MS = Date.parse("2026-11-01T00:00:00.000Z");
const ROOM = 1_048_576;

/** The `n`th window of five minutes. */
const window = (n: number, requests: number): WindowReport => ({
  endpointId: "0191a000-0000-7000-8000-0000000000e1",
  versionId: "0191a000-0000-7000-8000-0000000000a1",
  arm: "stable",
  releaseId: null,
  epoch: 1,
  windowStart: new Date(START_MS + n * 300_000).toISOString(),
  windowSeconds: 300,
  seq: n + 1,
  final: true,
  requests,
  errors: 0,
  refused: 0,
  units: requests,
  firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
  labels: { received: 0, wrong: 0 },
  predictions: { benign: requests },
  latencyUs: { bins: [[320, requests]], count: requests, sum: requests * 1000, min: 1000, max: 1000, underflow: 0, overflow: 0 },
  overflow: false,
});
const predictions = (windows: readonly WindowReport[]): number => windows.reduce((sum, { requests }) => sum + requests, 0);

describe("what a device counted and has not handed in", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "slipway-counts-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function drain(spool: CountSpool): Promise<{ numbers: number[]; windows: WindowReport[] }> {
    const [numbers, windows]: [number[], WindowReport[]] = [[], []];
    for (let batch = await spool.oldest(); batch !== null; batch = await spool.oldest()) {
      numbers.push(batch.number);
      windows.push(...batch.windows);
      await batch.remove();
    }
    return { numbers, windows };
  }

  it("comes out in batches with rising numbers, also after everything was handed in and power was cut", async () => {
    const first = await openCountSpool(directory, ROOM);
    await first.append(BOOT, [window(0, 5), window(1, 0)]);
    expect(await drain(first)).toMatchObject({ numbers: [1], windows: [{ requests: 5 }] });
    const second = await openCountSpool(directory, ROOM);
    await second.append(OTHER_BOOT, [window(2, 7)]);
    expect(await drain(second)).toMatchObject({ numbers: [2], windows: [{ requests: 7 }] });
    expect(await second.oldest()).toBeNull();
  });

  it("never changes a batch that was handed out: what comes later is in another one", async () => {
    const spool = await openCountSpool(directory, ROOM);
    await spool.append(BOOT, [window(0, 5)]);
    const batch = await spool.oldest();
    await spool.append(BOOT, [window(1, 6)]);
    const again = await openCountSpool(directory, ROOM);
    expect(await again.oldest()).toMatchObject({ number: batch?.number, windows: batch?.windows });
    expect((await drain(again)).windows.map(({ requests }) => requests)).toEqual([5, 6]);
  });

  it("makes windows of an hour out of the oldest when it is full, with the same counts in less room, and counts what it loses after that", async () => {
    const full = await openCountSpool(directory, 60_000);
    const some = (from: number) => Array.from({ length: 4 }, (_, at) => window(from + at, 3));
    for (let n = 0; n < 240; n += 4) await full.append(n < 120 ? BOOT : OTHER_BOOT, some(n));
    expect(full.bytes).toBeLessThanOrEqual(60_000);
    expect(full.lostPredictions).toBe(0);
    const reopened = await openCountSpool(directory, 60_000);
    for (let n = 240; n < 1600; n += 4) await reopened.append(n < 800 ? OTHER_BOOT : BOOT, some(n));
    expect(reopened.lostPredictions).toBeGreaterThan(0);
    const lost = reopened.lostPredictions;
    const { windows } = await drain(await openCountSpool(directory, 60_000));
    expect(windows[0]?.windowSeconds).toBeGreaterThan(300);
    expect(predictions(windows) + lost).toBe(1600 * 3);
    expect(windows.every(({ latencyUs, predictions: classes, requests }) => latencyUs.count === requests && classes["benign"] === requests)).toBe(true);
    expect((await openCountSpool(directory, 60_000)).lostPredictions).toBe(lost);
  });

  it("does not thin or drop what was handed out, however full it is", async () => {
    const spool = await openCountSpool(directory, 20_000);
    await spool.append(BOOT, [window(0, 2), window(1, 2)]);
    const batch = await spool.oldest();
    for (let n = 2; n < 80; n += 1) await spool.append(BOOT, [window(n, 2)]);
    const { windows } = await drain(await openCountSpool(directory, 20_000));
    expect(windows.slice(0, 2)).toEqual(batch?.windows);
  });

  it("survives a line that power cut in half, and a cut between thinning and tidying up", async () => {
    const spool = await openCountSpool(directory, ROOM);
    await spool.append(BOOT, [window(0, 5), window(1, 6)]);
    const [name] = (await readdir(directory)).filter((file) => file.endsWith(".ndjson"));
    await appendFile(path.join(directory, name ?? ""), '{"endpointId":"019');
    await writeFile(path.join(directory, (name ?? "").replace(".ndjson", ".hours.ndjson")), `${JSON.stringify(window(0, 11))}\n`);
    expect((await drain(await openCountSpool(directory, ROOM))).windows.map(({ requests }) => requests)).toEqual([11]);
    expect((await readdir(directory)).filter((file) => file.endsWith(".ndjson"))).toEqual([]);
  });
});
