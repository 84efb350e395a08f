import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  createRelease,
  getRelease,
  rollbackRelease,
} from "#lib/contracts/api/release-operations.ts";
import { askFor, type Connection } from "../../cli/connection.ts";
import type { Product } from "../product.ts";
import { quantile } from "../quantile.ts";
import { exampleBodies } from "../serving/example-version.ts";
import { armReport, type ArmReport } from "./arm-watch.ts";
import { CANDIDATE, ENDPOINT, stageEndpoint, until, waitingPlan } from "./stage-release.ts";

const CONNECTIONS = 32;
/** The candidate serves this long before each click. */
const SERVING_MS = 1_000;
/** After the release says ROLLED_BACK, in which an answer of the candidate would still be seen. */
const LISTENING_MS = 300;

export type Rollback = { readonly lastCandidateMs: number; readonly answeredMs: number };

export type RollbackResult = {
  readonly connections: number;
  readonly rollbacks: number;
  /** Click to the last answer of the candidate that a client got. */
  readonly lastCandidateMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Click to the answer of the API: recorded, with its audit event. */
  readonly answeredMs: { readonly p50: number; readonly p99: number };
  readonly requestsPerSecond: number;
  readonly answers: number;
  readonly failures: number;
};

/** Releases to half of the traffic and rolls back, again and again, under load. `onEach` is told of every one. */
export async function benchRollback(
  product: Product,
  rollbacks: number,
  onEach: (done: number) => void,
): Promise<RollbackResult> {
  const as = async (role: string): Promise<Connection> => ({
    url: product.url,
    token: await product.token(role),
  });
  const engineer = await as("engineer");
  await stageEndpoint(await as("admin"), engineer);
  const [body = ""] = exampleBodies("tumour-triage");
  const address = new URL(`/v2/models/${ENDPOINT}/infer`, product.runtimeUrl);
  await until(
    "the endpoint answers",
    async () =>
      (
        await fetch(address, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        })
      ).ok,
  );

  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const load = startLoad(directory, address);
  try {
    const startedAt = performance.now();
    const measured: Rollback[] = [];
    while (measured.length < rollbacks) {
      measured.push(await rollBackOnce(engineer, load));
      onEach(measured.length);
    }
    const { answers, failures } = await report(load);
    const of = (q: number, pick: (one: Rollback) => number) =>
      Number(quantile(measured.map(pick), q).toFixed(1));
    return {
      connections: CONNECTIONS,
      rollbacks,
      lastCandidateMs: { p50: of(0.5, lastOf), p99: of(0.99, lastOf), max: of(1, lastOf) },
      answeredMs: { p50: of(0.5, answeredOf), p99: of(0.99, answeredOf) },
      requestsPerSecond: Math.round((answers / (performance.now() - startedAt)) * 1000),
      answers,
      failures,
    };
  } finally {
    load.disconnect();
    if (load.exitCode === null) await once(load, "exit");
    rmSync(directory, { recursive: true, force: true });
  }
}

const lastOf = ({ lastCandidateMs }: Rollback): number => lastCandidateMs;
const answeredOf = ({ answeredMs }: Rollback): number => answeredMs;

function startLoad(directory: string, address: URL): ChildProcess {
  const bodiesFile = join(directory, "bodies.json");
  writeFileSync(bodiesFile, JSON.stringify(exampleBodies("tumour-triage")));
  const program = join(import.meta.dirname, "arm-watch.ts");
  return fork(program, [address.port, address.pathname, String(CONNECTIONS), bodiesFile]);
}

async function report(load: ChildProcess): Promise<ArmReport> {
  const answer = once(load, "message");
  load.send("report");
  const [message] = await answer;
  return armReport.parse(message);
}

async function rollBackOnce(engineer: Connection, load: ChildProcess): Promise<Rollback> {
  const release = await askFor(engineer, "/api/v1/releases", createRelease.response, {
    method: "POST",
    json: { endpoint: ENDPOINT, version: CANDIDATE, plan: waitingPlan() },
  });
  const stateOf = async () =>
    (await askFor(engineer, `/api/v1/releases/${release.id}`, getRelease.response)).state;
  const before = await report(load);
  await until(
    "the candidate answers",
    async () => (await report(load)).candidateAnswers > before.candidateAnswers,
  );
  await delay(SERVING_MS);

  const clickNs = process.hrtime.bigint();
  await askFor(engineer, `/api/v1/releases/${release.id}/rollback`, rollbackRelease.response, {
    method: "POST",
    json: { cause: "business_decision", reason: "Measured by the benchmark." },
  });
  const answeredMs = Number(process.hrtime.bigint() - clickNs) / 1e6;
  await until("the release is rolled back", async () => (await stateOf()) === "ROLLED_BACK");
  await delay(LISTENING_MS);
  const after = await report(load);
  return {
    lastCandidateMs: Math.max(0, Number(BigInt(after.lastCandidateNs) - clickNs) / 1e6),
    answeredMs,
  };
}
