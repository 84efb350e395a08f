import path from "node:path";
import { inputContract } from "#lib/contracts/artifact.ts";
import type { DesiredVersion, ExecutionProvider } from "#lib/contracts/runtime-protocol.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { seededRequest } from "#lib/domain/contract/seeded-request.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import {
  lockDifferences,
  reportEnvironment,
  type EnvironmentReport,
  type LockDifference,
} from "../environment/report.ts";
import type { ReadyMessage } from "../model-host/messages.ts";
import { createPool, type Pool, type PoolEvents, type PoolOptions } from "../model-host/pool.ts";
import { compileSignature, shapeText, type SignatureSpec } from "../oip/signature-spec.ts";
import type { Tensor } from "../oip/tensor.ts";
import { compileChecker, type ContractChecker } from "./contract-checker.ts";
import { goldenProblem, parseGolden, tensorsOf } from "./golden.ts";

/** Inferences before a version may get weight: enough for the allocator and the compiler to settle. */
const WARM_UP_RUNS = 50;
const WARM_UP_BUDGET_MS = 5000;
const EXAMPLES = 4;
const LOAD_TIMEOUT_MS = 120_000;
const QUEUE_LIMIT = 2048;

/** The version cannot be served, and trying again with the same bytes gives the same. */
export class VersionProblem extends Error {
  override readonly name = "VersionProblem";
}

/** A version's documents, parsed and compiled: all that is known before the model is loaded. */
export type VersionPlan = {
  readonly version: DesiredVersion;
  readonly signature: ModelSignature;
  readonly contract: InputContract;
  readonly spec: SignatureSpec;
  readonly executionProvider: ExecutionProvider;
  readonly lockDifferences: readonly LockDifference[];
  readonly checkContract: ContractChecker;
};

/** What the runtime is, as far as it decides whether a version may run on it. */
export type Surroundings = {
  readonly environment: EnvironmentReport;
  /** Where versions run that name no execution provider. */
  readonly executionProvider: ExecutionProvider;
};

let found: Surroundings | null = null;
/** The surroundings of this process with the processor as provider; read at the first call. */
export function ownSurroundings(): Surroundings {
  found ??= { environment: reportEnvironment(), executionProvider: "cpu" };
  return found;
}

/** Refuses a provider that is not here and, where its policy says so, a lock that disagrees. Throws `VersionProblem`. */
function checkSurroundings(
  version: DesiredVersion,
  { environment, executionProvider: usual }: Surroundings,
): Pick<VersionPlan, "executionProvider" | "lockDifferences"> {
  const executionProvider = version.executionProvider ?? usual;
  if (!environment.executionProviders.includes(executionProvider)) {
    throw new VersionProblem(
      `The version is to run on ${executionProvider}; this runtime has ${environment.executionProviders.join(", ")}. It is refused rather than run elsewhere.`,
    );
  }
  const differences = lockDifferences(version.environmentLock ?? {}, environment);
  const [first] = differences;
  if (first !== undefined && version.onLockMismatch === "refuse") {
    throw new VersionProblem(
      `The version's lock names ${first.library} ${first.locked}; this runtime has ${first.here ?? "none"}.`,
    );
  }
  return { executionProvider, lockDifferences: differences };
}

/** Throws `VersionProblem` when signature, contract, golden answers or surroundings are not what this runtime can serve. */
export function planVersion(
  version: DesiredVersion,
  surroundings: Surroundings = ownSurroundings(),
): VersionPlan {
  const signature = modelSignature.safeParse(version.signature);
  const contract = inputContract.safeParse(version.contract);
  if (!signature.success)
    throw new VersionProblem("The version's signature is not one that this runtime understands.");
  if (!contract.success)
    throw new VersionProblem(
      "The version's input contract is not one that this runtime understands.",
    );
  const where = checkSurroundings(version, surroundings);
  try {
    const checkContract = compileChecker(contract.data, signature.data);
    return {
      version,
      signature: signature.data,
      contract: contract.data,
      spec: compileSignature(signature.data),
      ...where,
      checkContract,
    };
  } catch (error) {
    throw new VersionProblem(error instanceof Error ? error.message : String(error));
  }
}

export type HostSetting = {
  readonly hosts: number;
  readonly niceness: number;
  readonly loadTimeoutMs?: number;
  readonly timeoutMs?: number;
  /** Default true. */
  readonly restarts?: boolean;
  readonly onSpawn: (pid: number) => void;
};

/** A pool for the version whose files lie in `directory`; not started. */
export function poolFor(
  plan: VersionPlan,
  directory: string,
  setting: HostSetting,
  events: PoolEvents,
): Pool {
  const { version, signature } = plan;
  const [model] = version.files;
  if (model === undefined) throw new VersionProblem("The version has no file.");
  const options: PoolOptions = {
    host: {
      modelPath: path.join(directory, model.name),
      intraOpThreads: version.session.intraOpThreads,
      executionProvider: plan.executionProvider,
      inputNames: signature.inputs.map((input) => input.name),
      outputNames: signature.outputs.map((output) => output.name),
      directory,
      loadTimeoutMs: setting.loadTimeoutMs ?? LOAD_TIMEOUT_MS,
      niceness: setting.niceness,
      onSpawn: setting.onSpawn,
    },
    hosts: setting.hosts,
    timeoutMs: setting.timeoutMs ?? version.session.timeoutMs,
    memoryLimitBytes: version.session.memoryLimitBytes,
    queueLimit: QUEUE_LIMIT,
    restarts: setting.restarts ?? true,
  };
  return createPool(options, events);
}

/** Refuses a model file whose inputs or outputs are not those that were registered. Throws `VersionProblem`. */
export function checkLoadedSignature(signature: ModelSignature, ready: ReadyMessage): void {
  const pairs = [
    ...signature.inputs.map((tensor, index) => ({
      what: "Input",
      tensor,
      found: ready.inputs[index],
    })),
    ...signature.outputs.map((tensor, index) => ({
      what: "Output",
      tensor,
      found: ready.outputs[index],
    })),
  ];
  for (const { what, tensor, found } of pairs) {
    const fits =
      found?.name === tensor.name &&
      found.datatype === tensor.datatype &&
      (found.shape.length === tensor.shape.length || found.shape.length === 0) &&
      found.shape.every(
        (size, axis) => size === -1 || tensor.shape[axis] === -1 || tensor.shape[axis] === size,
      );
    if (fits) continue;
    const model = found === undefined ? "nothing" : `${found.datatype} ${shapeText(found.shape)}`;
    throw new VersionProblem(
      `${what} ${tensor.name} is registered as ${tensor.datatype} ${shapeText(tensor.shape)}, the loaded model says ${model}.`,
    );
  }
}

export type GoldenResult = {
  readonly passed: number;
  readonly total: number;
  readonly problem: string | null;
};

/** Replays the golden inputs as live requests would go, contract included; `problem` names the first that differs. */
export async function replayGolden(plan: VersionPlan, pool: Pool): Promise<GoldenResult> {
  const cases = parseGolden(plan.version.golden);
  let passed = 0;
  let problem: string | null = null;
  for (const [index, golden] of cases.entries()) {
    let found: string | null;
    try {
      const tensors = tensorsOf(plan.spec, golden.request);
      plan.checkContract(tensors);
      found = goldenProblem(plan.spec, golden, await pool.run(tensors));
    } catch (error) {
      found = error instanceof Error ? error.message : String(error);
    }
    if (found === null) passed += 1;
    else problem ??= `Golden input ${index + 1}: ${found}`;
  }
  return { passed, total: cases.length, problem };
}

/** Inputs to run the model with: the golden ones, else examples made from the contract; none when the model takes neither. */
export function sampleInputs(plan: VersionPlan): Tensor[][] {
  const golden: unknown[] = parseGolden(plan.version.golden).map((one) => one.request);
  const requests =
    golden.length > 0
      ? golden
      : Array.from({ length: EXAMPLES }, (_, seed) =>
          seededRequest(plan.signature, plan.contract, seed + 1),
        );
  return requests.flatMap((request) => {
    try {
      const tensors = tensorsOf(plan.spec, request);
      plan.checkContract(tensors);
      return [tensors];
    } catch {
      return [];
    }
  });
}

/** The value below which `share` of the sorted values lie; null when there is none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** Runs every host of the pool warm; answers the p95 of the later half of the runs in milliseconds, null when no run succeeded. */
export async function warmUp(pool: Pool, samples: readonly Tensor[][]): Promise<number | null> {
  if (samples.length === 0) return null;
  const startMs = performance.now();
  const { hosts } = pool.stats();
  const timesMs: number[] = [];
  const runOnce = async (run: number): Promise<void> => {
    const beganMs = performance.now();
    const outcome = await pool.run(samples[run % samples.length] ?? []);
    if (outcome.ok) timesMs.push(performance.now() - beganMs);
  };
  for (
    let run = 0;
    run < WARM_UP_RUNS && performance.now() - startMs < WARM_UP_BUDGET_MS;
    run += 1
  ) {
    // As many at once as there are hosts: the pool gives each host one.
    await Promise.all(Array.from({ length: hosts }, () => runOnce(run)));
  }
  return quantile(timesMs.slice(Math.floor(timesMs.length / 2)), 0.95);
}
