import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { expect, test } from "vitest";
import { z } from "zod";
import { verifyAudit } from "#lib/contracts/api/audit-operations.ts";
import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { askFor, type Connection } from "../../cli/connection.ts";
import { exampleBodies } from "../../bench/serving/example-version.ts";
import { startProduct, type Product } from "../../bench/product.ts";
import { CANDIDATE, ENDPOINT, STABLE, stageEndpoint } from "../../bench/rollback/stage-release.ts";
import { moveReleases, RESTLESS_POLICY } from "./moving-releases.ts";
import { startSteadyLoad, type Answer } from "./steady-load.ts";

type Part = "control-plane" | "runtime" | "model host" | "database";

const IS_FULL = process.env["SLIPWAY_TEST_FULL"] === "1";
const SEED = Number(process.env["SLIPWAY_TEST_SEED"] ?? 20_261_129);
const KILLS: Readonly<Record<Part, number>> = IS_FULL
  ? { "control-plane": 50, runtime: 20, "model host": 20, database: 5 }
  : { "control-plane": 5, runtime: 2, "model host": 2, database: 1 };
const CALLERS = 8;
const BACK_LIMIT_MS = 60_000;

/** The parts in a random order: a shuffle that the seed alone decides. */
function schedule(random: () => number): Part[] {
  const parts = Object.entries(KILLS).flatMap(([part, times]) =>
    Array.from({ length: times }, () => part as Part),
  );
  for (let index = parts.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [parts[index], parts[other]] = [parts[other] as Part, parts[index] as Part];
  }
  return parts;
}

/** Mulberry32: small, seeded, good enough to choose moments. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pidOf(product: Product, name: string): number | null {
  const parts = JSON.parse(readFileSync(join(product.data, "state", "processes.json"), "utf8")) as {
    name: string;
    pid: number;
  }[];
  return parts.find((part) => part.name === name)?.pid ?? null;
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1]) === pid
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Kills one process of that part and answers its id; null when there is none at this moment. */
function kill(product: Product, part: Part, random: () => number): number | null {
  const runtime = pidOf(product, "runtime");
  const hosts = part === "model host" && runtime !== null ? childrenOf(runtime) : [];
  const pid =
    part === "model host" ? hosts[Math.floor(random() * hosts.length)] : pidOf(product, part);
  if (pid === undefined || pid === null) return null;
  try {
    process.kill(pid, "SIGKILL");
    return pid;
  } catch {
    return null;
  }
}

/** What an address answers: its status and its text, or why there is none. */
const ask = (url: string, method = "GET"): Promise<{ status: number; text: string }> =>
  fetch(url, { method, signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => ({ status: answer.status, text: await answer.text() }),
    (error: unknown) => ({ status: 0, text: String(error) }),
  );

const repositoryIndex = z.array(z.object({ state: z.string() }));
const isAllReady = ({ status, text }: { status: number; text: string }): boolean => {
  if (status !== 200) return false;
  const index = repositoryIndex.parse(JSON.parse(text));
  return index.length > 0 && index.every(({ state }) => state === "READY");
};

/** Until the killed process is gone, and control plane, database, runtime and each version that the runtime has answer again. */
async function untilWhole(product: Product, killed: number | null, what = "the start"): Promise<void> {
  const deadline = performance.now() + BACK_LIMIT_MS;
  for (;;) {
    // Gone once its parent has taken note of it: while it is a zombie, a runtime still believes that its host lives.
    const isGone = killed === null || !existsSync(`/proc/${killed}`);
    const [control, endpoint, index] = await Promise.all([
      ask(`${product.url}/readyz`),
      ask(`${product.runtimeUrl}/v2/models/${ENDPOINT}/ready`),
      ask(`${product.runtimeUrl}/v2/repository/index`, "POST"),
    ]);
    if (isGone && control.status === 200 && endpoint.status === 200 && isAllReady(index)) return;
    if (performance.now() > deadline)
      throw new Error(`It did not come back after ${what}: ${JSON.stringify({ isGone, control, endpoint, index })}`);
    await pause(20);
  }
}

type Outage = { readonly fromMs: number; readonly toMs: number; readonly part: Part };

type RouteRow = {
  epoch: string;
  salt: string;
  arms: { arm: string; versionId: string; weightBp: number }[];
};

/** Answers that a version gave which had no right to at that epoch. */
function wrongAnswers(
  answers: readonly Answer[],
  routes: readonly RouteRow[],
  names: ReadonlyMap<string, string>,
): Answer[] {
  const byEpoch = new Map(routes.map((route) => [Number(route.epoch), route]));
  return answers.filter((answer) => {
    if (answer.status !== 200) return false;
    const route = byEpoch.get(answer.epoch);
    const arm = route?.arms.find((one) => one.arm === answer.arm);
    if (route === undefined || arm === undefined || names.get(arm.versionId) !== answer.version)
      return true;
    return answer.arm === "candidate" && bucketOf(route.salt, answer.key) >= arm.weightBp;
  });
}

/** What the trail calls an act. A release that had no weight yet is aborted where it would be rolled back. */
const ACTIONS_OF = {
  create: ["release.created"],
  hold: ["release.held"],
  resume: ["release.resumed"],
  rollback: ["release.rollback_ordered", "release.aborted"],
} as const;

/** Rows of a governed table beside entries of the action that makes one: they must be as many. */
const PAIRS = {
  releases: [`SELECT count(*) n FROM "Release"`, "release.created"],
  "deployments begun": [`SELECT count(*) n FROM "Deployment"`, "deployment.started"],
  "deployments ended": [
    `SELECT count(*) n FROM "Deployment" WHERE "endedAt" IS NOT NULL`,
    "deployment.ended",
  ],
  "tables of weights": [`SELECT count(*) n FROM "RouteTable"`, "route.changed"],
} as const;

/** What the database holds after the storm. */
async function readRecord(product: Product) {
  const database = new Client({ connectionString: product.databaseUrl() });
  await database.connect();
  try {
    const rows = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
      (await database.query(sql, values)).rows as T[];
    const count = async (sql: string, values: unknown[] = []): Promise<number> =>
      Number((await rows<{ n: string }>(sql, values))[0]?.n ?? -1);
    const entries = (action: string) =>
      count(`SELECT count(*) n FROM "AuditEvent" WHERE "action" = $1`, [action]);
    const pairs: Record<string, { changes: number; entries: number }> = {};
    for (const [what, [sql, action]] of Object.entries(PAIRS))
      pairs[what] = { changes: await count(sql), entries: await entries(action) };
    const versions = await rows<{ id: string; name: string }>(`SELECT "id", "name" FROM "Version"`);
    return {
      pairs,
      names: new Map(versions.map(({ id, name }) => [id, name])),
      routes: await rows<RouteRow>(`SELECT "epoch"::text, "salt", "arms" FROM "RouteTable"`),
      events: await rows<{ action: string; releaseId: string }>(
        `SELECT "action", "releaseId" FROM "AuditEvent" WHERE "releaseId" IS NOT NULL AND "outcome" = 'ok'`,
      ),
      repeated: await count(`SELECT count(*) - count(DISTINCT "id") n FROM "AuditEvent"`),
      missing: await count(`SELECT max("seq") + 1 - count(*) n FROM "AuditEvent"`),
    };
  } finally {
    await database.end();
  }
}

test.skipIf(process.platform !== "linux")(
  "parts are killed at random moments while releases move under load: nothing acknowledged is lost, every change has one entry, no wrong version answers",
  { timeout: IS_FULL ? 3_600_000 : 600_000 },
  async () => {
    console.log(`seed ${SEED}`);
    const random = seeded(SEED);
    const product = await startProduct();
    try {
      const as = async (role: string): Promise<Connection> => ({
        url: product.url,
        token: await product.token(role),
      });
      const [admin, engineer, auditor] = [
        await as("admin"),
        await as("engineer"),
        await as("auditor"),
      ];
      await stageEndpoint(admin, engineer, RESTLESS_POLICY);
      const load = startSteadyLoad(
        new URL(`/v2/models/${ENDPOINT}/infer`, product.runtimeUrl),
        exampleBodies("tumour-triage"),
        CALLERS,
      );
      await untilWhole(product, null);
      const begunMs = performance.now();
      const releases = moveReleases(engineer, ENDPOINT, [STABLE, CANDIDATE]);

      const outages: Outage[] = [];
      const killed: Record<Part, number> = {
        "control-plane": 0,
        runtime: 0,
        "model host": 0,
        database: 0,
      };
      for (const part of schedule(random)) {
        await pause(200 + random() * 2_500);
        const fromMs = performance.now();
        let pid = kill(product, part, random);
        for (; pid === null; pid = kill(product, part, random)) await pause(20);
        killed[part] += 1;
        await untilWhole(product, pid, `the kill of a ${part}`);
        outages.push({ fromMs, toMs: performance.now(), part });
      }
      await releases.stop();
      const answers = (await load.stop()).filter(({ sentAtMs }) => sentAtMs >= begunMs);

      const check = await askFor(auditor, "/api/v1/audit/verify", verifyAudit.response, {
        method: "POST",
      });
      const record = await readRecord(product);
      const eventsOf = (releaseId: string, actions: readonly string[]): number =>
        record.events.filter((event) => event.releaseId === releaseId && actions.includes(event.action))
          .length;

      // Nothing acknowledged is lost.
      for (const { act, releaseId } of releases.acknowledged)
        expect(eventsOf(releaseId, ACTIONS_OF[act]), `${act} of ${releaseId}`).toBeGreaterThan(0);
      // One entry for each change, no entry twice, no gap.
      for (const [what, { changes, entries }] of Object.entries(record.pairs))
        expect({ what, entries }).toEqual({ what, entries: changes });
      expect(record.repeated).toBe(0);
      expect(record.missing).toBe(0);
      expect(check).toMatchObject({ intact: true, problems: [] });

      // No version answered that had no right to.
      expect(wrongAnswers(answers, record.routes, record.names)).toEqual([]);
      // The death of the control plane or of the database is not felt by callers at all.
      const felt = (part: Part): Outage[] => outages.filter((outage) => outage.part === part);
      const failed = answers.filter(({ status }) => status !== 200);
      const isExcused = ({ sentAtMs, answeredAtMs }: Answer): boolean =>
        [...felt("runtime"), ...felt("model host")].some(
          ({ fromMs, toMs }) => answeredAtMs >= fromMs && sentAtMs <= toMs,
        );
      const unexcused = failed.filter((answer) => !isExcused(answer));
      expect(unexcused, JSON.stringify(outages)).toEqual([]);

      const downMs = felt("runtime").reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      const ends = Object.entries(Object.groupBy([...releases.ended.values()], (state) => state));
      console.log(
        [
          `killed: ${Object.entries(killed)
            .map(([part, times]) => `${times} ${part}`)
            .join(", ")}`,
          `releases: ${releases.ended.size} ended (${ends.map(([state, all]) => `${all.length} ${state}`).join(", ")}), ` +
            `${releases.acknowledged.length} acknowledged acts, ${record.events.length} entries about them`,
          `answers: ${answers.length}; ${failed.length} not 200, all while a killed runtime or model host was being started again`,
          `runtime away: ${Math.round(downMs / Math.max(1, killed.runtime))} ms on average after a kill`,
        ].join("\n"),
      );
      // Enough was on the move for the kills to mean something.
      expect(releases.ended.size).toBeGreaterThan(0);
      expect(record.events.length).toBeGreaterThan(outages.length);
    } finally {
      await product.stop();
    }
  },
);
