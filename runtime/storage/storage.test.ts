import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredState, DesiredVersion, WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { EMPTY_HISTOGRAM } from "#lib/domain/statistics/histogram.ts";
import { replaceFile } from "./durable-file.ts";
import { createStateSeal } from "./seal-state.ts";
import { openHostRecords } from "./host-records.ts";
import { LockedError, takeInstanceLock } from "./instance-lock.ts";
import {
  readBurntEpochs,
  readDesiredState,
  StateFileError,
  writeBurntEpochs,
  writeDesiredState,
} from "./state-file.ts";
import { openWindowSpool } from "./window-spool.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => path.join(directory, name);

function windowOf(requests: number): WindowReport {
  return {
    endpointId: "e",
    versionId: "v",
    arm: "stable",
    releaseId: null,
    epoch: 1,
    windowStart: "2026-11-23T12:00:00.000Z",
    windowSeconds: 2,
    seq: 1,
    final: true,
    requests,
    errors: 0,
    refused: 0,
    units: requests,
    firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
    labels: { received: 0, wrong: 0 },
    predictions: {},
    latencyUs: { ...EMPTY_HISTOGRAM, bins: [] },
    overflow: false,
  };
}

describe("the spool of windows", () => {
  it("gives back what it was given, oldest first, under the boot it belongs to, also after a restart", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const spool = await openWindowSpool(at("spool"), 1 << 20);
    await spool.append(first, [windowOf(1), windowOf(2)]);
    await spool.append(second, [windowOf(3)]);
    const again = await openWindowSpool(at("spool"), 1 << 20);
    const seen: [string, number[]][] = [];
    for (let batch = await again.oldest(); batch !== null; batch = await again.oldest()) {
      seen.push([batch.bootId, batch.windows.map(({ requests }) => requests)]);
      await batch.remove();
    }
    expect(seen).toEqual([
      [first, [1, 2]],
      [second, [3]],
    ]);
    expect(readdirSync(at("spool"))).toEqual([]);
    expect(again.bytes).toBe(0);
  });

  it("never grows beyond its limit: the oldest go, and are counted", async () => {
    const spool = await openWindowSpool(at("spool"), 4000);
    for (let n = 0; n < 20; n += 1) await spool.append(randomUUID(), [windowOf(n)]);
    expect(spool.bytes).toBeLessThanOrEqual(4000);
    const kept = readdirSync(at("spool")).length;
    expect(spool.lostWindows).toBe(20 - kept);
    expect((await spool.oldest())?.windows[0]?.requests).toBe(20 - kept);
  });

  it("reads past a line that a crash left half written, and counts it", async () => {
    const bootId = randomUUID();
    const spool = await openWindowSpool(at("spool"), 1 << 20);
    await spool.append(bootId, [windowOf(7)]);
    appendFileSync(path.join(at("spool"), readdirSync(at("spool"))[0]!), '{"endpointId":"e","vers');
    expect((await spool.oldest())?.windows.map(({ requests }) => requests)).toEqual([7]);
    expect(spool.lostWindows).toBe(1);
  });
});

describe("files of state", () => {
  it("are replaced as a whole and leave nothing beside them", async () => {
    await replaceFile(at("state.json"), "one");
    await replaceFile(at("state.json"), "two");
    expect(readFileSync(at("state.json"), "utf8")).toBe("two");
    expect(readdirSync(directory)).toEqual(["state.json"]);
  });

  it("are null when they are not there, and refused when they cannot be understood", async () => {
    expect(await readDesiredState(at("none.json"), null)).toBeNull();
    writeFileSync(at("bad.json"), "{");
    await expect(readDesiredState(at("bad.json"), null)).rejects.toThrow(StateFileError);
    const burnt = new Map([
      [
        "e",
        { epoch: 4, toPrevious: false, cause: "dead_man" as const, at: "2026-11-23T12:00:00.000Z" },
      ],
    ]);
    await writeBurntEpochs(at("burnt.json"), burnt);
    expect(await readBurntEpochs(at("burnt.json"))).toEqual(burnt);
  });
});

describe("credentials of other servers in the saved state", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const version = (versionId: string, targetId: string | null): DesiredVersion => ({
    versionId,
    modelName: "credit",
    versionName: versionId,
    digest,
    files: [{ name: "model.onnx", digest, sizeBytes: 1 }],
    signature: null,
    contract: null,
    golden: [],
    session: { intraOpThreads: 1, hosts: 1, memoryLimitBytes: null, timeoutMs: 1000 },
    labelOutput: null,
    ...(targetId === null
      ? {}
      : {
          upstream: {
            targetId,
            kind: "oip_http" as const,
            url: "http://triton:8000",
            model: "m",
            version: null,
            mapping: null,
            timeoutMs: 1000,
            headers: { authorization: `Bearer secret-of-${targetId}` },
          },
        }),
  });
  const state: DesiredState = {
    revision: 7,
    databaseTime: "2026-11-23T12:00:00.000Z",
    endpoints: [],
    versions: [version("own", null), version("there", "t1"), version("elsewhere", "t2")],
    jobsWaiting: false,
    batchWaiting: false,
  };
  const file = () => at("desired.json");

  it("are opened again by the same token, and are nowhere in the file", async () => {
    const seal = createStateSeal("slp_one");
    await writeDesiredState(file(), state, seal);
    expect(readFileSync(file(), "utf8")).not.toContain("secret-of");
    expect(await readDesiredState(file(), createStateSeal("slp_one"))).toEqual({ state, closed: [], isOldForm: false });
  });

  it("leave out the versions that need them, and no other, when the token is another", async () => {
    await writeDesiredState(file(), state, createStateSeal("slp_one"));
    for (const seal of [createStateSeal("slp_two"), null]) {
      const found = await readDesiredState(file(), seal);
      expect(found?.state.versions.map(({ versionId }) => versionId)).toEqual(["own"]);
      expect(found?.closed.map(({ versionId }) => versionId)).toEqual(["there", "elsewhere"]);
    }
  });

  it("belong to their target and to these bytes", () => {
    const seal = createStateSeal("slp_one");
    const sealed = seal.seal("t1", { authorization: "Bearer a" });
    expect(seal.open("t1", sealed)).toEqual({ authorization: "Bearer a" });
    expect(seal.open("t2", sealed)).toBeNull();
    const bytes = Buffer.from(sealed, "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(seal.open("t1", bytes.toString("base64"))).toBeNull();
    expect(seal.open("t1", "")).toBeNull();
    expect(seal.seal("t1", { authorization: "Bearer a" })).not.toBe(sealed);
  });

  it("of an earlier form are read once, so that they can be replaced", async () => {
    writeFileSync(file(), JSON.stringify({ format: 1, state }));
    expect(await readDesiredState(file(), createStateSeal("slp_one"))).toEqual({ state, closed: [], isOldForm: true });
  });
});

describe("the lock of a data directory", () => {
  it("keeps a second runtime out, and is taken over from one that was killed", async () => {
    const child = spawn("sleep", ["60"]);
    const start = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ")[19];
    writeFileSync(at("lock"), JSON.stringify({ pid: child.pid, start }));
    await expect(takeInstanceLock(at("lock"))).rejects.toThrow(LockedError);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const unlock = await takeInstanceLock(at("lock"));
    expect(JSON.parse(readFileSync(at("lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await unlock();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is taken over when its content is not that of a lock", async () => {
    writeFileSync(at("lock"), "");
    await (
      await takeInstanceLock(at("lock"))
    )();
  });
});

describe("records of model hosts", () => {
  it("end exactly the processes that an earlier start left, told by pid and start time", async () => {
    const [left, other] = [spawn("sleep", ["60"]), spawn("sleep", ["60"])];
    const records = await openHostRecords(at("hosts"));
    records.add(left.pid!);
    // A pid that was used again: same number, another start.
    writeFileSync(path.join(at("hosts"), String(other.pid)), "1");
    const gone = new Promise((resolve) => left.once("exit", resolve));
    await openHostRecords(at("hosts"));
    await gone;
    expect(other.exitCode).toBeNull();
    expect(readdirSync(at("hosts"))).toEqual([]);
    other.kill("SIGKILL");
  });
});
