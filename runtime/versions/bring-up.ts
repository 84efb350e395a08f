import type { Logger } from "pino";
import type { LockDifference } from "../environment/report.ts";
import type {
  DesiredVersion,
  ExecutionProvider,
  RuntimeAcks,
} from "#lib/contracts/runtime-protocol.ts";
import type { Pool, PoolEvents } from "../model-host/pool.ts";
import { createUpstreamPool } from "../upstream/upstream-pool.ts";
import { tuneBatching, type Batching } from "./batching.ts";
import {
  checkLoadedSignature,
  planVersion,
  poolFor,
  replayGolden,
  sampleInputs,
  VersionProblem,
  warmUp,
  type Surroundings,
  type VersionPlan,
} from "./load-version.ts";
import { describeVersion, type LoadedVersion } from "./loaded-version.ts";

type VersionAck = RuntimeAcks["versions"][number];

/** What is known of a version while it is being brought up; becomes part of the acks as it fills. */
export type LoadFacts = Pick<
  VersionAck,
  "loadMs" | "warmUpMsP95" | "goldenPassed" | "goldenTotal"
> & {
  readonly batching: Batching | null;
  readonly executionProvider: ExecutionProvider | null;
  readonly lockDifferences: readonly LockDifference[];
};

export const NO_FACTS: LoadFacts = {
  loadMs: null,
  warmUpMsP95: null,
  goldenPassed: null,
  goldenTotal: null,
  batching: null,
  executionProvider: null,
  lockDifferences: [],
};

export type BringUpOptions = {
  readonly hosts: number;
  readonly mayBatch: boolean;
  readonly surroundings: Surroundings;
  readonly onHostSpawn: (pid: number) => void;
  readonly poolEvents: PoolEvents;
  /** The pool exists, though its model is not loaded yet: whoever gives up must close it. */
  readonly onPool: (pool: Pool | null) => void;
  readonly onProgress: (state: "loading" | "warming", facts: LoadFacts) => void;
  readonly log: Logger;
};

async function prove(plan: VersionPlan, pool: Pool, options: BringUpOptions): Promise<LoadFacts> {
  const ready = await pool.start();
  checkLoadedSignature(plan.signature, ready);
  const { executionProvider, lockDifferences } = plan;
  const loaded = { ...NO_FACTS, loadMs: ready.loadMs, executionProvider, lockDifferences };
  options.onProgress("warming", loaded);
  const golden = await replayGolden(plan, pool);
  const replayed = { ...loaded, goldenPassed: golden.passed, goldenTotal: golden.total };
  options.onProgress("warming", replayed);
  if (golden.problem !== null) {
    throw new VersionProblem(
      `${golden.passed} of ${golden.total} golden inputs repeated. ${golden.problem}`,
    );
  }
  const samples = sampleInputs(plan);
  const warmUpMsP95 = await warmUp(pool, samples);
  const batching = options.mayBatch && plan.version.upstream === undefined ? await tuneBatching(plan, pool, samples) : null;
  return { ...replayed, warmUpMsP95, batching };
}

/**
 * Loads a version from its directory, replays its golden inputs and runs it warm. Only what comes out of here may get weight.
 * Throws `VersionProblem` when the version is at fault, other errors when trying again may help; no host is left behind.
 */
export async function bringUp(
  version: DesiredVersion,
  directory: string,
  options: BringUpOptions,
): Promise<{ readonly loaded: LoadedVersion; readonly facts: LoadFacts }> {
  const plan = planVersion(version, options.surroundings);
  options.onProgress("loading", NO_FACTS);
  const setting = { hosts: options.hosts, niceness: 0, onSpawn: options.onHostSpawn };
  const { upstream } = version;
  const pool =
    upstream === undefined
      ? poolFor(plan, directory, setting, options.poolEvents)
      : createUpstreamPool(plan.signature, upstream, options.poolEvents.onCrash);
  options.onPool(pool);
  try {
    const facts = await prove(plan, pool, options);
    return { loaded: describeVersion(version, plan.spec, plan.checkContract, pool), facts };
  } catch (error) {
    options.onPool(null);
    await pool.close();
    throw error;
  }
}
