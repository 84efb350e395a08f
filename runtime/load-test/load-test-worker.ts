import { availableParallelism, cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { LoadTestReport, LoadTestResult, LoadTestWork } from "#lib/contracts/load-test.ts";
import type { Router } from "../router/router.ts";
import type { Pool } from "../model-host/pool.ts";
import { openSender } from "./open-sender.ts";
import { watchResources } from "./watch-resources.ts";

/** The control plane as load tests see it. */
export type LoadTestLine = {
  leaseLoadTest(bootId: string): Promise<LoadTestWork | null>;
  /** False: stop. */
  tickLoadTest(work: LoadTestWork, bootId: string, sent: number): Promise<boolean>;
  reportLoadTest(work: LoadTestWork, result: LoadTestResult): Promise<void>;
};

export type LoadTestOptions = {
  readonly line: LoadTestLine;
  readonly router: Router;
  readonly bootId: string;
  readonly runtimeName: string;
  /** Where this runtime itself answers. */
  readonly ownUrl: string;
  readonly log: Logger;
};

const TICK_MS = 2000;
const READY_MS = 20_000;
const LOOK_MS = 100;
const FIRST_ANSWER_MS = 30_000;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1000);

/** Carries out load tests one at a time until there is none. The load comes from a process of its own and takes the way that clients take. */
export async function workLoadTests(options: LoadTestOptions, signal: AbortSignal): Promise<void> {
  const { line, bootId, log } = options;
  while (!signal.aborted) {
    const work = await line.leaseLoadTest(bootId);
    if (work === null) return;
    const stopped = new AbortController();
    const stop = AbortSignal.any([signal, stopped.signal]);
    let sent = 0;
    // Renews the lease and tells progress; a tick that fails is tried again by the next one.
    const timer = setInterval(() => {
      line.tickLoadTest(work, bootId, sent).then(
        (goOn) => {
          if (!goOn) stopped.abort();
        },
        () => undefined,
      );
    }, TICK_MS);
    log.info({ loadTest: work.number, endpoint: work.endpointName, ratePerSecond: work.ratePerSecond }, "Load test begun");
    try {
      const report = await test(work, options, stop, (count) => {
        sent = count;
      });
      await line.reportLoadTest(work, { bootId, leaseToken: work.leaseToken, report, problem: null });
    } catch (error) {
      if (stop.aborted) {
        log.info({ loadTest: work.number }, "Load test put down");
        continue;
      }
      log.warn({ loadTest: work.number, problem: textOf(error) }, "A load test could not be carried out");
      await line.reportLoadTest(work, { bootId, leaseToken: work.leaseToken, report: null, problem: textOf(error) });
    } finally {
      clearInterval(timer);
    }
  }
}

/** The hosts that answer for the endpoint, once the version under test is what it serves. Throws when that does not come to pass. */
async function servedPool({ endpointName, versionId, versionName }: LoadTestWork, router: Router, signal: AbortSignal): Promise<Pool> {
  const deadlineMs = performance.now() + READY_MS;
  for (;;) {
    const main = router.find(endpointName)?.table?.main.version;
    if (main?.versionId === versionId) return main.pool;
    if (performance.now() > deadlineMs)
      throw new Error(main === undefined ? `This runtime does not serve ${endpointName}.` : `This runtime serves ${main.versionName} at ${endpointName}, not ${versionName}.`);
    await delay(LOOK_MS, undefined, { signal });
  }
}

/** One request of each kind would take long; the first tells what most mistakes look like. Throws with the endpoint's own words. */
async function requireAnswer(url: string, body: string, { source }: LoadTestWork, signal: AbortSignal): Promise<void> {
  const limits = AbortSignal.any([signal, AbortSignal.timeout(FIRST_ANSWER_MS)]);
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal: limits });
  const text = await response.text();
  if (response.ok) return;
  const hint = source === "generated" ? " Requests made from the contract do not suit this model: give recorded ones." : "";
  throw new Error(`The first request was answered ${response.status}: ${text.slice(0, 300)}${hint}`);
}

const hardware = (): string => `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores`;

async function test(work: LoadTestWork, { router, runtimeName, ownUrl }: LoadTestOptions, signal: AbortSignal, onSent: (sent: number) => void): Promise<LoadTestReport> {
  const { endpointName, versionName, ratePerSecond, seconds, factors, warmUpSeconds, requests, source } = work;
  const pool = await servedPool(work, router, signal);
  const url = `${ownUrl}/v2/models/${encodeURIComponent(endpointName)}/infer`;
  const bodies = requests.map((body) => JSON.stringify(body));
  await requireAnswer(url, bodies[0] ?? "", work, signal);
  const restartsBefore = pool.stats().restarts;
  const sender = openSender(signal);
  try {
    const order = { url, bodies, versionName };
    if (warmUpSeconds > 0) await sender.send({ ...order, ratePerSecond, seconds: warmUpSeconds }, () => undefined);
    const stages: LoadTestReport["stages"] = [];
    let before = 0;
    for (const factor of factors) {
      const plannedPerSecond = ratePerSecond * factor;
      const resources = watchResources(pool);
      const sent = sender.send({ ...order, ratePerSecond: plannedPerSecond, seconds }, (count) => onSent(before + count));
      const [{ byOthers, ...counts }, used] = await sent.then(
        (done) => [done, resources.end()] as const,
        (error: unknown) => {
          resources.end();
          throw error;
        },
      );
      if (byOthers > 0) throw new Error(`Another version than ${versionName} answered ${byOthers} requests: what ${endpointName} serves changed during the test.`);
      stages.push({ factor, plannedPerSecond, seconds, ...counts, ...used });
      before += counts.sent;
      onSent(before);
    }
    const { hosts, restarts } = pool.stats();
    return { runtimeName, hardware: hardware(), source, requests: bodies.length, hosts, hostRestarts: restarts - restartsBefore, stages };
  } finally {
    sender.close();
  }
}
