import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { WHOLE_BP } from "#lib/domain/routing/route-table.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import type { Tensor } from "../oip/tensor.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { ServingArm, ServingTable } from "../router/serving-table.ts";
import { NO_CLASS, UNNAMED_CLASS } from "../telemetry/class-names.ts";
import type { Pair } from "../telemetry/pair-book.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";

/** What the caller was answered, kept until its copy is answered too. `outputs` null: the version failed. */
export type PrimaryAnswer = {
  readonly version: LoadedVersion;
  readonly outputs: readonly Tensor[] | null;
  readonly classIndex: number;
};

/** A request whose answer has left. */
export type MirroredRequest = {
  readonly state: EndpointState;
  readonly table: ServingTable;
  readonly key: string | null;
  readonly decode: (version: LoadedVersion) => {
    readonly tensors: Tensor[];
    readonly outputs: readonly number[] | null;
  };
  readonly primary: PrimaryAnswer;
  /** For whoever keeps the answers of the shadow. */
  readonly onAnswer?: (
    arm: ServingArm,
    outputs: readonly Tensor[],
    indexes: readonly number[] | null,
  ) => void;
};

/** Reads an answer of the shadow as a serving arm's answer is read. Throws what a caller would have been told. */
export type ReadAnswer = (
  outcome: InferOutcome,
  arm: ServingArm,
  indexes: readonly number[] | null,
) => { readonly outputs: Tensor[]; readonly classIndex: number };

/** A copy of a request for the shadow. Called after the caller's answer was handed to the socket; never throws. */
export type Mirror = (request: MirroredRequest) => void;

/** Copies under way at once; more are dropped, and counted. */
const MAX_UNDER_WAY = 256;
/** When the event loop is this late, callers come first and the copy is dropped. */
const BUSY_MS = 50;
const COPY_TIMEOUT_MS = 5_000;

/** Whether this key's requests are copied; hashed apart from serving, so that sampling and arm are independent. */
export function isSampled(table: ServingTable, key: string | null): boolean {
  const weightBp = table.shadow?.weightBp ?? 0;
  if (weightBp === 0) return false;
  const bucket =
    key === null ? Math.floor(Math.random() * WHOLE_BP) : bucketOf(`${table.salt}:shadow`, key);
  return bucket < weightBp;
}

/** Largest difference between numbers of the outputs that both gave; null when none can be compared. */
function scoreDelta(a: readonly Tensor[], b: readonly Tensor[]): number | null {
  let largest: number | null = null;
  for (const left of a) {
    const right = b.find((one) => one.name === left.name);
    const isFloat = left.data instanceof Float32Array || left.data instanceof Float64Array;
    if (!isFloat || right === undefined || right.data.length !== left.data.length) continue;
    for (let at = 0; at < left.data.length; at += 1) {
      const difference = Math.abs(Number(left.data[at]) - Number(right.data[at]));
      if (Number.isFinite(difference)) largest = Math.max(largest ?? 0, difference);
    }
  }
  return largest;
}

const classNameOf = (version: LoadedVersion, index: number): string | null =>
  index === NO_CLASS || index === UNNAMED_CLASS ? null : version.classes.nameOf(index);

/** Both answers side by side; null when nothing in them can be compared. */
function compare(
  primary: PrimaryAnswer,
  shadow: {
    readonly version: LoadedVersion;
    readonly outputs: readonly Tensor[];
    readonly classIndex: number;
  },
  tolerance: number,
): Pair | null {
  if (primary.outputs === null) return { kind: "stable_failed" };
  const stableClass = classNameOf(primary.version, primary.classIndex);
  const candidateClass = classNameOf(shadow.version, shadow.classIndex);
  const delta = scoreDelta(primary.outputs, shadow.outputs);
  if (stableClass !== null && candidateClass !== null)
    return {
      kind: "compared",
      agrees: stableClass === candidateClass,
      stableClass,
      candidateClass,
      delta,
    };
  return delta === null
    ? null
    : {
        kind: "compared",
        agrees: delta <= tolerance,
        stableClass: null,
        candidateClass: null,
        delta,
      };
}

/**
 * Sends copies of answered requests to a challenger. The copy is decoded and checked anew, off the path of the caller;
 * the hosts run it only when no serving request wants them; its failures reach nobody.
 */
export function createMirror(telemetry: Telemetry, read: ReadAnswer): Mirror {
  let underWay = 0;

  const settle = (
    { table, key, primary, onAnswer }: MirroredRequest,
    arm: ServingArm,
    indexes: readonly number[] | null,
    startMs: number,
    outcome: InferOutcome,
  ): void => {
    // The hosts were full: nothing is known of this copy, so it counts for neither side.
    if (!outcome.ok && outcome.error.status === 429) return telemetry.countMirrored(arm.book, true);
    telemetry.countMirrored(arm.book, false);
    const latencyUs = (performance.now() - startMs) * 1000;
    const hash = telemetry.hashKey(key);
    try {
      const { outputs, classIndex } = read(outcome, arm, indexes);
      telemetry.countShadow(arm.book, latencyUs, false, hash, classIndex);
      const pair = compare(primary, { version: arm.version, outputs, classIndex }, table.tolerance);
      if (pair !== null) telemetry.countPair(arm.book, pair, hash);
      onAnswer?.(arm, outputs, indexes);
    } catch {
      telemetry.countShadow(arm.book, latencyUs, true, hash, NO_CLASS);
      if (primary.outputs !== null)
        telemetry.countPair(arm.book, { kind: "candidate_failed" }, hash);
    }
  };

  const send = (request: MirroredRequest, arm: ServingArm): void => {
    const startMs = performance.now();
    let call: ReturnType<MirroredRequest["decode"]>;
    try {
      call = request.decode(arm.version);
      arm.version.checkContract(call.tensors);
    } catch {
      // Stable took the request, the challenger would have refused it: to the caller that is a failure.
      telemetry.countMirrored(arm.book, false);
      const hash = telemetry.hashKey(request.key);
      telemetry.countShadow(arm.book, 0, true, hash, NO_CLASS);
      if (request.primary.outputs !== null)
        telemetry.countPair(arm.book, { kind: "candidate_failed" }, hash);
      return;
    }
    underWay += 1;
    arm.version.pool.submit({
      inputs: call.tensors,
      outputs: call.outputs,
      isRetriable: false,
      owner: `shadow ${request.state.endpointId}`,
      share: 1,
      maxQueued: MAX_UNDER_WAY,
      priority: "shadow",
      deadlineMs: startMs + COPY_TIMEOUT_MS,
      done(outcome) {
        underWay -= 1;
        settle(request, arm, call.outputs, startMs, outcome);
      },
    });
  };

  return (request) => {
    const arm = request.table.shadow;
    if (arm === null || request.table.isRetired) return;
    if (underWay >= MAX_UNDER_WAY) return telemetry.countMirrored(arm.book, true);
    const askedMs = performance.now();
    // After the turn in which the answer was written, so that it is on its way before the copy costs anything.
    setImmediate(() => {
      const isBusy = performance.now() - askedMs > BUSY_MS;
      if (isBusy || request.table.isRetired) return telemetry.countMirrored(arm.book, true);
      send(request, arm);
    });
  };
}
