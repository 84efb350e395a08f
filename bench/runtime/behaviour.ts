import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createClient, markedBody, startLoad } from "#runtime/testing/client.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isInForce,
  isReady,
  markedSignature,
  tensor,
} from "#runtime/testing/desired.ts";
import { markedModel, spinningModel } from "#runtime/testing/onnx-model.ts";
import type { Load } from "./generator.ts";
import { jsonBody, openStage, runLoad, type Stage } from "./stage.ts";
import { spreadOf, type Figure } from "./statistics.ts";
import type { Rounds } from "./throughput.ts";

const marked = (stage: Stage, name: string, mark: number) =>
  desiredVersion(stage.control, {
    name,
    model: markedModel(mark),
    signature: markedSignature,
    labelOutput: "label",
  });

const turnsBody = (turns: number): string =>
  JSON.stringify({ inputs: [{ name: "turns", datatype: "INT64", shape: [], data: [turns] }] });

/** So many turns take about 200 ms on this machine. */
async function turnsFor200Ms(stage: Stage): Promise<number> {
  const client = createClient(stage.runtime.url);
  let turns = 1000;
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const startMs = performance.now();
    await client.call({ path: "/v2/models/slow/infer", body: turnsBody(turns) });
    turns = Math.max(1, Math.round((turns * 200) / Math.max(1, performance.now() - startMs)));
  }
  client.close();
  return turns;
}

/** 5. One endpoint saturated with inferences of 200 ms: what its neighbour and the health check feel of it. */
export async function benchIsolation({ rounds, seconds }: Rounds): Promise<Figure[]> {
  const stage = await openStage();
  try {
    const quick = marked(stage, "1.0.0", 1);
    const slow = desiredVersion(stage.control, {
      name: "1.0.0",
      model: spinningModel(),
      signature: { inputs: [tensor("turns", "INT64", [])], outputs: [tensor("trace", "FP32", [])] },
      golden: [
        {
          request: JSON.parse(turnsBody(1)) as unknown,
          response: { outputs: [{ name: "trace", datatype: "FP32", shape: [], data: [64] }] },
          tolerance: 1e-5,
        },
      ],
      timeoutMs: 60_000,
    });
    stage.control.desire(
      [
        desiredEndpoint("quick", randomUUID(), { epoch: 1, stable: quick }),
        desiredEndpoint("slow", randomUUID(), { epoch: 1, stable: slow }),
      ],
      [quick, slow],
    );
    await stage.control.untilAcks(
      "both ready",
      (acks) => isReady(quick.versionId)(acks) && isReady(slow.versionId)(acks),
    );
    const turns = await turnsFor200Ms(stage);
    const plan = { port: stage.port, warmUpSeconds: 1, seconds, connections: 8 };
    const files = {
      slow: stage.bodies("slow", [jsonBody(turnsBody(turns))]),
      quick: stage.bodies("quick", [jsonBody(markedBody())]),
      empty: stage.bodies("empty", [{ base64: "", headers: {} }]),
    };
    const seen: { neighbour: Load[]; health: Load[] } = { neighbour: [], health: [] };
    for (let round = 0; round < rounds; round += 1) {
      const saturating = runLoad({
        ...plan,
        connections: 16,
        method: "POST",
        path: "/v2/models/slow/infer",
        ratePerSecond: null,
        bodiesFile: files.slow,
        seconds: seconds + 1,
      });
      const [neighbour, health] = await Promise.all([
        runLoad({
          ...plan,
          method: "POST",
          path: "/v2/models/quick/infer",
          ratePerSecond: 100,
          bodiesFile: files.quick,
        }),
        runLoad({
          ...plan,
          method: "GET",
          path: "/v2/health/live",
          ratePerSecond: 50,
          bodiesFile: files.empty,
        }),
      ]);
      await saturating;
      seen.neighbour.push(neighbour);
      seen.health.push(health);
    }
    const [neighbour, health] = [
      spreadOf(seen.neighbour.map(({ p99Us }) => p99Us / 1000)),
      spreadOf(seen.health.map(({ p99Us }) => p99Us / 1000)),
    ];
    return [
      {
        name: "neighbour of a saturated endpoint, p99",
        unit: "ms",
        value: neighbour,
        wanted: "under 10",
        isMet: neighbour.median < 10,
      },
      {
        name: "/v2/health/live beside it, p99",
        unit: "ms",
        value: health,
        wanted: "under 10",
        isMet: health.median < 10,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** 6. Stable swapped under load: no request fails, none is answered by a version that has no weight at the epoch it names. */
export async function benchSwaps(swaps: number): Promise<Figure[]> {
  const stage = await openStage();
  const endpointId = randomUUID();
  try {
    const versions = [marked(stage, "1.0.0", 1), marked(stage, "2.0.0", 2)];
    const stableAt = (epoch: number) => versions[epoch % 2] ?? versions[0];
    const desire = (epoch: number): void => {
      const stable = stableAt(epoch);
      if (stable === undefined) throw new Error("There is no version.");
      stage.control.desire([desiredEndpoint("swapped", endpointId, { epoch, stable })], versions);
    };
    desire(1);
    await stage.control.untilAcks("both ready", (acks) =>
      versions.every(({ versionId }) => isReady(versionId)(acks)),
    );
    const load = startLoad(stage.runtime.url, "swapped", 16, 1000);
    for (let epoch = 2; epoch <= swaps + 1; epoch += 1) {
      desire(epoch);
      await stage.control.untilAcks(`epoch ${epoch} in force`, isInForce(endpointId, epoch));
    }
    const records = await load.stop();
    const failed = records.filter(({ status }) => status !== 200).length;
    const wrong = records.filter(
      ({ status, epoch, version }) => status === 200 && version !== stableAt(epoch)?.versionName,
    ).length;
    const one = (value: number) => spreadOf([value]);
    return [
      {
        name: `requests during ${swaps} swaps of stable`,
        unit: "requests",
        value: one(records.length),
        wanted: null,
        isMet: null,
      },
      {
        name: "of these failed",
        unit: "requests",
        value: one(failed),
        wanted: "0",
        isMet: failed === 0,
      },
      {
        name: "answered by a version without weight",
        unit: "requests",
        value: one(wrong),
        wanted: "0",
        isMet: wrong === 0,
      },
    ];
  } finally {
    await stage.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const residentMib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** 7. The front process after `cycles` versions were loaded and unloaded, against its size after a tenth of them. */
export async function benchLoadCycles(cycles: number): Promise<Figure[]> {
  const stage = await openStage({ SLIPWAY_RUNTIME_BATCHING: "off" });
  const [keptId, cycledId] = [randomUUID(), randomUUID()];
  try {
    const kept = marked(stage, "1.0.0", 1);
    const keptEndpoint = desiredEndpoint("kept", keptId, { epoch: 1, stable: kept });
    stage.control.desire([keptEndpoint], [kept]);
    await stage.control.untilAcks("first ready", isReady(kept.versionId));
    const early = Math.max(1, Math.round(cycles / 10));
    let earlyMib = 0;
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const version = marked(stage, `cycle-${cycle}`, cycle);
      stage.control.desire(
        [keptEndpoint, desiredEndpoint("cycled", cycledId, { epoch: cycle, stable: version })],
        [kept, version],
      );
      await stage.control.untilAcks("loaded", isReady(version.versionId));
      stage.control.desire([keptEndpoint], [kept]);
      await stage.control.untilAcks("unloaded", (acks) =>
        acks.versions.every(({ versionId }) => versionId !== version.versionId),
      );
      if (cycle === early) earlyMib = residentMib(stage.runtime.pid);
    }
    const lateMib = residentMib(stage.runtime.pid);
    // Records of ended hosts are tidied up once a minute: those that live count.
    const hosts = (await stage.runtime.hostPids()).filter(isAlive).length;
    const growth = lateMib / earlyMib;
    return [
      {
        name: `front process after ${early} load/unload cycles`,
        unit: "MiB",
        value: spreadOf([earlyMib]),
        wanted: null,
        isMet: null,
      },
      {
        name: `after ${cycles}`,
        unit: "MiB",
        value: spreadOf([lateMib]),
        wanted: null,
        isMet: null,
      },
      {
        name: "growth",
        unit: "ratio",
        value: spreadOf([growth]),
        wanted: "at most 1.1",
        isMet: growth <= 1.1,
      },
      {
        name: "model hosts left beside the one that serves",
        unit: "processes",
        value: spreadOf([hosts - 1]),
        wanted: "0",
        isMet: hosts === 1,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** 7, second half. Memory of the front process before and after `minutes` of full load. */
export async function benchSoak(minutes: number): Promise<Figure[]> {
  const stage = await openStage();
  try {
    const version = marked(stage, "1.0.0", 1);
    stage.control.desire(
      [desiredEndpoint("soaked", randomUUID(), { epoch: 1, stable: version })],
      [version],
    );
    await stage.control.untilAcks("ready", isReady(version.versionId));
    const plan = {
      port: stage.port,
      method: "POST" as const,
      path: "/v2/models/soaked/infer",
      connections: 32,
      warmUpSeconds: 1,
      ratePerSecond: null,
      bodiesFile: stage.bodies("soak", [jsonBody(markedBody())]),
    };
    // The ring of predictions and the heap reach their size first.
    await runLoad({ ...plan, seconds: 60 });
    const beforeMib = residentMib(stage.runtime.pid);
    const load = await runLoad({ ...plan, seconds: minutes * 60 });
    const growth = residentMib(stage.runtime.pid) / beforeMib;
    return [
      {
        name: `requests in ${minutes} minutes`,
        unit: "requests",
        value: spreadOf([load.requests]),
        wanted: null,
        isMet: null,
      },
      {
        name: "of these failed",
        unit: "requests",
        value: spreadOf([load.failures]),
        wanted: "0",
        isMet: load.failures === 0,
      },
      {
        name: "memory of the front process after it",
        unit: "ratio",
        value: spreadOf([growth]),
        wanted: "at most 1.1",
        isMet: growth <= 1.1,
      },
    ];
  } finally {
    await stage.close();
  }
}
