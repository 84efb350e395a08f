import type { JobResult, LeaseJobResponse } from "#lib/contracts/runtime-protocol.ts";
import { HostLostError, type Pool } from "../model-host/pool.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import { encodeOutput, outputPrefix } from "../oip/encode-outputs.ts";
import { InferenceError } from "../oip/inference-error.ts";
import type { Tensor } from "../oip/tensor.ts";
import { peakResidentBytes } from "../process-identity.ts";
import type { ArtifactStore, OpenArtifact } from "../versions/artifact-store.ts";
import {
  checkLoadedSignature,
  planVersion,
  poolFor,
  quantile,
  replayGolden,
  type VersionPlan,
} from "../versions/load-version.ts";
import { tensorsOf } from "../versions/golden.ts";

export type Job = NonNullable<LeaseJobResponse["job"]>;
export type JobOutcome = Omit<JobResult, "bootId">;

export type JobOptions = {
  readonly store: ArtifactStore;
  readonly openArtifact: OpenArtifact;
  readonly onHostSpawn: (pid: number) => void;
  /** From the first byte of the model read to the last answer. */
  readonly watchdogMs: number;
};

const TIMED_RUNS = 200;
const TIMED_BUDGET_MS = 20_000;
const FEWEST_RUNS = 5;
/** Behind everything that serves. */
const NICENESS = 10;

const failed = (problem: string, outcome: JobOutcome["outcome"] = "failed"): JobOutcome => ({
  outcome,
  problem: problem.slice(0, 2000),
  profile: null,
  outputs: [],
});
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function responseOf(plan: VersionPlan, outcome: InferOutcome): unknown {
  if (!outcome.ok) return { error: outcome.error.message };
  const outputs = outcome.outputs.map((wire, index) => {
    const name = plan.spec.outputs[index]?.name ?? "";
    const tensor: Tensor = { ...wire, name, nulls: null };
    const parsed: unknown = JSON.parse(encodeOutput(outputPrefix(name, wire.datatype), tensor));
    return parsed;
  });
  return { model_name: plan.version.modelName, model_version: plan.version.versionName, outputs };
}

/** The inputs of a job as tensors; an input that the signature or the contract refuses is kept as its error. */
function readInputs(plan: VersionPlan, inputs: readonly unknown[]): (Tensor[] | InferenceError)[] {
  return inputs.map((request) => {
    try {
      const tensors = tensorsOf(plan.spec, request);
      plan.checkContract(tensors);
      return tensors;
    } catch (error) {
      return error instanceof InferenceError
        ? error
        : new InferenceError(400, "bad_request", messageOf(error));
    }
  });
}

async function runInputs(
  plan: VersionPlan,
  pool: Pool,
  inputs: readonly (Tensor[] | InferenceError)[],
): Promise<InferOutcome[]> {
  const outcomes: InferOutcome[] = [];
  for (const tensors of inputs)
    outcomes.push(
      tensors instanceof InferenceError ? { ok: false, error: tensors } : await pool.run(tensors),
    );
  return outcomes;
}

async function timeRuns(pool: Pool, inputs: readonly Tensor[][]): Promise<number[]> {
  const startMs = performance.now();
  const timesMs: number[] = [];
  for (let run = 0; run < TIMED_RUNS; run += 1) {
    if (run >= FEWEST_RUNS && performance.now() - startMs > TIMED_BUDGET_MS) break;
    const outcome = await pool.run(inputs[run % inputs.length] ?? []);
    if (outcome.ok) timesMs.push(outcome.runUs / 1000);
  }
  return timesMs;
}

async function profile(
  plan: VersionPlan,
  pool: Pool,
  loadMs: number,
  job: Job,
): Promise<JobOutcome> {
  const golden = await replayGolden(plan, pool);
  const inputs = readInputs(plan, job.inputs);
  const outcomes = await runInputs(plan, pool, inputs);
  const usable = inputs.flatMap((tensors, index) =>
    tensors instanceof InferenceError || outcomes[index]?.ok !== true ? [] : [tensors],
  );
  const firstError = outcomes.find((outcome) => !outcome.ok);
  if (usable.length === 0)
    return failed(
      firstError?.ok === false
        ? firstError.error.message
        : "There was no input to run the model with.",
    );
  const timesMs = await timeRuns(pool, usable);
  const pid = pool.stats().pids[0];
  const [p50, p95] = [quantile(timesMs, 0.5), quantile(timesMs, 0.95)];
  if (p50 === null || p95 === null) return failed("The model answered none of the timed runs.");
  return {
    outcome: "succeeded",
    problem: golden.problem ?? (firstError?.ok === false ? firstError.error.message : null),
    profile: {
      loadMs,
      latencyMsP50: p50,
      latencyMsP95: p95,
      peakMemoryBytes: pid === undefined ? 0 : (peakResidentBytes(pid) ?? 0),
      runs: timesMs.length,
      goldenPassed: golden.passed,
      goldenTotal: golden.total,
    },
    outputs: outcomes.map((outcome) => responseOf(plan, outcome)),
  };
}

async function tryOnce(plan: VersionPlan, pool: Pool, job: Job): Promise<JobOutcome> {
  const outcomes = await runInputs(plan, pool, readInputs(plan, job.inputs));
  const firstError = outcomes.find((outcome) => !outcome.ok);
  return {
    outcome: firstError === undefined ? "succeeded" : "failed",
    problem: firstError?.ok === false ? firstError.error.message : null,
    profile: null,
    outputs: outcomes.map((outcome) => responseOf(plan, outcome)),
  };
}

/** Loads a version in a host of its own that is thrown away afterwards, and does what the job asks. Never throws: trouble is a result. */
export async function runJob(
  job: Job,
  options: JobOptions,
  signal: AbortSignal,
): Promise<JobOutcome> {
  let crash: string | null = null;
  let isTimedOut = false;
  let pool: Pool | null = null;
  const abort = new AbortController();
  const stop = (): void => {
    abort.abort();
    pool?.kill();
  };
  const watchdog = setTimeout(() => {
    isTimedOut = true;
    stop();
  }, options.watchdogMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const plan = planVersion(job.version);
    const directory = await options.store.ensure(job.version, options.openArtifact, abort.signal);
    const setting = {
      hosts: 1,
      niceness: NICENESS,
      loadTimeoutMs: options.watchdogMs,
      timeoutMs: options.watchdogMs,
      restarts: false,
      onSpawn: options.onHostSpawn,
    };
    pool = poolFor(plan, directory, setting, {
      onCrash: (problem) => {
        crash ??= problem;
      },
      onCrashLoop: () => undefined,
    });
    const ready = await pool.start();
    checkLoadedSignature(plan.signature, ready);
    const result =
      job.kind === "profile_version"
        ? await profile(plan, pool, ready.loadMs, job)
        : await tryOnce(plan, pool, job);
    return isTimedOut || crash !== null ? ended(isTimedOut, crash, options.watchdogMs) : result;
  } catch (error) {
    if (isTimedOut || error instanceof HostLostError)
      return ended(isTimedOut, crash ?? messageOf(error), options.watchdogMs);
    return failed(messageOf(error));
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    await pool?.close();
  }
}

function ended(isTimedOut: boolean, crash: string | null, watchdogMs: number): JobOutcome {
  if (isTimedOut)
    return failed(
      `The model was not done after ${Math.round(watchdogMs / 1000)} s; its host was killed.`,
      "timed_out",
    );
  return failed(crash ?? "The model host ended.", "crashed");
}
