import type { Logger } from "pino";
import type { TensorSignature } from "#lib/domain/artifact/types.ts";
import type { Fault } from "#lib/domain/release/plan-parts.ts";
import { record } from "#lib/domain/statistics/histogram.ts";
import type { RequestCounters } from "../metrics/request-counters.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { countNonFinite } from "../oip/encode-outputs.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { shapeText } from "../oip/signature-spec.ts";
import type { Tensor } from "../oip/tensor.ts";
import { admit, type EndpointState } from "../router/endpoint-state.ts";
import type { Router } from "../router/router.ts";
import { armFor, type ServingArm, type ServingTable } from "../router/serving-table.ts";
import { NO_CLASS } from "../telemetry/class-names.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { RequestTrace } from "../tracing.ts";
import type { Admission } from "./admission.ts";
import { driftInputs, faultDelayMs, faultOutcome } from "./fault.ts";
import { createMirror, isSampled, type MirroredRequest } from "./mirror.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";

/** What a protocol makes of its own request, once it is known which version answers. */
export type DecodedCall = {
  readonly tensors: Tensor[];
  readonly outputs: readonly number[] | null;
};

/** One answered inference. `outputs` are in the order asked for; `outputIndexes` are their positions in the signature. */
export type InferAnswer = {
  readonly version: LoadedVersion;
  readonly arm: ServingArm["role"];
  readonly epoch: number;
  readonly predictionId: string | null;
  readonly outputs: readonly Tensor[];
  readonly outputIndexes: readonly number[] | null;
  /** Some output is NaN or infinite; only where the setting says to flag and not to refuse them. */
  readonly isNonFinite: boolean;
};

export type InferRequest = {
  readonly state: EndpointState;
  /** The table captured for this request. */
  readonly table: ServingTable;
  readonly key: string | null;
  /** An arm the caller chose by naming a version: left out of every window. */
  readonly pinned: ServingArm | null;
  /** When the whole request was here, on the clock of `performance.now()`. */
  readonly startMs: number;
  /** The caller's own deadline on the same clock; null = none. */
  readonly deadlineMs: number | null;
  /** Told how the request ended, where traces are made. */
  readonly trace?: RequestTrace | null;
  /** Throws `InferenceError` 400. */
  readonly decode: (version: LoadedVersion) => DecodedCall;
  /** Given what the shadow answered to a copy, if there is one and it answers. */
  readonly onShadow?: (answer: InferAnswer) => void;
  /** Called exactly once, unless the caller cancels first. */
  readonly done: (answer: InferAnswer | InferenceError) => void;
};

export type InferenceOptions = {
  readonly router: Router;
  readonly telemetry: Telemetry;
  readonly counters: RequestCounters;
  readonly admission: Admission;
  readonly nonFiniteOutputs: "reject" | "flag";
  readonly log: Logger;
};

/** The caller hung up: gives up the request. Does nothing once it is answered. */
export type Cancel = () => void;

/**
 * The one path of every inference, whatever protocol it came by: admit, route, decode, contract, run, check, count, answer.
 * Null when `done` was called already.
 */
export type Inference = (request: InferRequest) => Cancel | null;

const LEFT = new InferenceError(499, "cancelled", "The caller left before the answer.");
const NO_ROUTE = "No version of this endpoint is loaded yet.";

/** The table that serves an endpoint now. Throws `InferenceError` 503 when nothing is loaded yet. */
export function tableOf(state: EndpointState): ServingTable {
  if (state.table === null) throw new InferenceError(503, "not_ready", NO_ROUTE);
  return state.table;
}

/** A lone unnamed free size stands for an output whose shape the model file does not declare: any shape is its shape. */
function isShapeOf(signature: TensorSignature, shape: readonly number[]): boolean {
  if (signature.shape.length === 1 && signature.shape[0] === -1 && signature.dimNames[0] === null)
    return true;
  return (
    shape.length === signature.shape.length &&
    shape.every((size, axis) => signature.shape[axis] === -1 || signature.shape[axis] === size)
  );
}

/** Gives wire tensors the names of the signature and refuses answers that the signature does not allow. Throws `InferenceError` 500. */
function nameOutputs(
  version: LoadedVersion,
  outputs: readonly WireTensor[],
  indexes: readonly number[] | null,
): Tensor[] {
  return outputs.map(({ datatype, shape, data }, position) => {
    const signature = version.spec.outputs[indexes === null ? position : (indexes[position] ?? -1)];
    if (
      signature === undefined ||
      datatype !== signature.datatype ||
      !isShapeOf(signature, shape)
    ) {
      throw new InferenceError(
        500,
        "model_error",
        `The model answered ${datatype} ${shapeText(shape)} where its signature says otherwise.`,
      );
    }
    return { name: signature.name, datatype, shape, data, nulls: null };
  });
}

function isAnyNonFinite(outputs: readonly Tensor[]): boolean {
  for (const output of outputs) if (countNonFinite(output) > 0) return true;
  return false;
}

/** The class that the answer names, among the outputs that were asked for. */
function classOf(
  version: LoadedVersion,
  outputs: readonly Tensor[],
  indexes: readonly number[] | null,
): number {
  if (version.labelIndex < 0) return NO_CLASS;
  const position = indexes === null ? version.labelIndex : indexes.indexOf(version.labelIndex);
  const output = outputs[position];
  return output === undefined ? NO_CLASS : version.classes.classOf(output);
}

export function createInference(options: InferenceOptions): Inference {
  const { router, telemetry, counters, nonFiniteOutputs } = options;
  const mirror = createMirror(telemetry, (outcome, arm, indexes) => {
    const { outputs } = check(outcome, arm, { tensors: [], outputs: indexes });
    return { outputs, classIndex: classOf(arm.version, outputs, indexes) };
  });
  /** After the caller was answered. */
  const copy = (
    request: InferRequest,
    arm: ServingArm,
    outputs: Tensor[] | null,
    classIndex: number,
  ): void => {
    const { state, table, key, decode, pinned, onShadow } = request;
    if (pinned !== null || arm !== table.main || !isSampled(table, key)) return;
    const primary = { version: arm.version, outputs, classIndex };
    if (onShadow === undefined) return mirror({ state, table, key, decode, primary });
    const onAnswer: MirroredRequest["onAnswer"] = (shadow, answered, outputIndexes) =>
      onShadow({
        version: shadow.version,
        arm: shadow.role,
        epoch: table.epoch,
        predictionId: null,
        outputs: answered,
        outputIndexes,
        isNonFinite: isAnyNonFinite(answered),
      });
    mirror({ state, table, key, decode, primary, onAnswer });
  };

  const check = (
    outcome: InferOutcome,
    arm: ServingArm,
    call: DecodedCall,
  ): { outputs: Tensor[]; isNonFinite: boolean } => {
    if (!outcome.ok) throw outcome.error;
    const outputs = nameOutputs(arm.version, outcome.outputs, call.outputs);
    record(arm.counters.computeUs, outcome.runUs);
    const isNonFinite = isAnyNonFinite(outputs);
    if (isNonFinite) arm.counters.nonFiniteAnswers += 1;
    if (isNonFinite && nonFiniteOutputs === "reject") {
      throw new InferenceError(
        500,
        "not_finite",
        "The model's answer holds NaN or infinity, which JSON cannot carry; it is not passed on.",
      );
    }
    return { outputs, isNonFinite };
  };

  /** The parts of a request's time, or why it has no answer: for windows, metrics and traces. */
  const countParts = (
    { pinned, table, trace }: InferRequest,
    arm: ServingArm,
    submittedMs: number,
    outcome: InferOutcome,
    error: InferenceError | null,
  ): void => {
    if (error !== null) {
      if (pinned === null) telemetry.countReason(arm.book, error.reason, error.status);
      trace?.failed(error);
    }
    if (!outcome.ok) return;
    const queueUs = Math.max(0, (performance.now() - submittedMs) * 1000 - outcome.runUs);
    record(arm.counters.queueUs, queueUs);
    if (pinned === null) telemetry.countTimes(arm.book, queueUs, outcome.runUs);
    if (error === null)
      trace?.answered({
        version: arm.version.versionName,
        arm: arm.role,
        epoch: table.epoch,
        submittedMs,
        queueUs,
        inferenceUs: outcome.runUs,
      });
  };

  /** Everything that follows the model's answer, or the lack of one. */
  const finish = (
    request: InferRequest,
    arm: ServingArm,
    call: DecodedCall,
    submittedMs: number,
    outcome: InferOutcome,
  ): void => {
    const { state, table, pinned, key, startMs } = request;
    let error: InferenceError | null = null;
    let outputs: Tensor[] = [];
    let isNonFinite = false;
    try {
      ({ outputs, isNonFinite } = check(outcome, arm, call));
    } catch (thrown) {
      error =
        thrown instanceof InferenceError
          ? thrown
          : new InferenceError(500, "internal", "The answer could not be read.");
    }
    // ONNX Runtime refused the input before the graph ran: the caller's fault, like a contract refusal.
    const isRefused = error !== null && error.status < 500 && error.status !== 429;
    const hasFailed = error !== null && !isRefused;
    const classIndex = error === null ? classOf(arm.version, outputs, call.outputs) : NO_CLASS;
    const latencyUs = (performance.now() - startMs) * 1000;
    let predictionId: string | null = null;
    if (pinned === null && isRefused) telemetry.countRefused(arm.book);
    else if (pinned === null) {
      const score =
        error === null ? telemetry.countOutputs(arm.book, outputs, call.outputs) : undefined;
      const hash = telemetry.hashKey(key);
      predictionId = telemetry.countAnswer(arm.book, latencyUs, hasFailed, hash, classIndex, score);
    }
    countParts(request, arm, submittedMs, outcome, error);
    router.release(
      state,
      table,
      arm,
      pinned !== null ? "pinned" : hasFailed ? "failed" : "answered",
    );
    if (hasFailed) {
      arm.counters.failed += 1;
      arm.counters.failedUs += latencyUs;
    }
    if (error !== null) {
      counters.countError(state.desired.name, error.reason, error.status);
      request.done(error);
      if (hasFailed) copy(request, arm, null, NO_CLASS);
      return;
    }
    arm.counters.answered += 1;
    arm.counters.lastAnswerMs = Date.now();
    record(arm.counters.latencyUs, latencyUs);
    request.done({
      version: arm.version,
      arm: arm.role,
      epoch: table.epoch,
      predictionId,
      outputs,
      outputIndexes: call.outputs,
      isNonFinite,
    });
    copy(request, arm, outputs, classIndex);
  };

  const prepare = (request: InferRequest, arm: ServingArm): DecodedCall => {
    const { version } = arm;
    const isCounted = request.pinned === null;
    const fault = faultOf(request, arm);
    const isDrifted = fault?.kind === "drifted_inputs";
    try {
      const call = request.decode(version);
      // As they came: the contract replaces values in place.
      if (isCounted && !isDrifted) telemetry.scanInputs(arm.book, call.tensors);
      const checked = version.checkContract(call.tensors);
      // A drill's drift begins behind the contract, which might refuse it, and is counted as what the model saw.
      if (isDrifted) {
        driftInputs(fault, call.tensors);
        telemetry.scanInputs(arm.book, call.tensors);
      }
      if (isCounted) arm.counters.oodRows += telemetry.commitInputs(arm.book);
      for (const { count } of checked.flags) arm.counters.flaggedValues += count;
      for (const { count } of checked.imputed) arm.counters.imputedValues += count;
      return call;
    } catch (error) {
      if (request.pinned === null) {
        telemetry.countRefused(arm.book);
        if (error instanceof InferenceError)
          telemetry.countReason(arm.book, error.reason, error.status);
      }
      throw error;
    }
  };

  /** The caller did not wait for the answer. No failure of the version, but a request all the same, and as slow as it was until then. */
  const leave = (request: InferRequest, arm: ServingArm): void => {
    const { state, table, pinned, key, startMs } = request;
    if (pinned === null)
      telemetry.countLeft(arm.book, (performance.now() - startMs) * 1000, telemetry.hashKey(key));
    if (pinned === null) telemetry.countReason(arm.book, "cancelled", 499);
    router.release(state, table, arm, "left");
    counters.countError(state.desired.name, "cancelled", 499);
    request.trace?.failed(LEFT);
  };

  const submit = (request: InferRequest, arm: ServingArm, call: DecodedCall): Cancel | null => {
    const { state } = request;
    const { pool } = arm.version;
    const limits = options.admission.limitsOf(state);
    let isOver = false;
    const submittedMs = performance.now();
    const ticket = pool.submit({
      inputs: call.tensors,
      outputs: call.outputs,
      // A candidate's lost requests are evidence and stay lost; stable's are run again on the restarted host.
      isRetriable: arm.role !== "candidate",
      owner: state.endpointId,
      share: limits.share,
      maxQueued: limits.maxQueued,
      priority: "serving",
      deadlineMs: earliest(request.deadlineMs, limits.timeoutMs, request.startMs),
      done: (outcome) => {
        isOver = true;
        try {
          finish(request, arm, call, submittedMs, outcome);
        } catch (error) {
          options.log.error({ err: error }, "An answer could not be handled");
          request.done(new InferenceError(500, "internal", "The answer could not be handled."));
        }
      },
    });
    // Refusals and passed deadlines are answered before `submit` comes back.
    if (ticket.done === null) return null;
    return () => {
      if (isOver) return;
      isOver = true;
      pool.cancel(ticket);
      leave(request, arm);
    };
  };

  /** A rollback drill: fails in its share, or sends later; all of it counted like any answer of the candidate. */
  const submitFaulty = (
    request: InferRequest,
    arm: ServingArm,
    call: DecodedCall,
    fault: Fault,
  ): Cancel | null => {
    const failure = faultOutcome(fault);
    if (failure !== null) {
      finish(request, arm, call, performance.now(), failure);
      return null;
    }
    const delayMs = faultDelayMs(fault);
    if (delayMs === 0) return submit(request, arm, call);
    let cancel: Cancel | null = null;
    let hasBegun = false;
    const timer = setTimeout(() => {
      hasBegun = true;
      cancel = submit(request, arm, call);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      if (hasBegun) cancel?.();
      else leave(request, arm);
    };
  };

  return (request) => {
    const { state, table } = request;
    try {
      const refused = options.admission.refusal(state);
      if (refused !== null) throw refused;
      const arm = request.pinned ?? armFor(table, request.key);
      const call = prepare(request, arm);
      admit(state, arm);
      const fault = faultOf(request, arm);
      return fault === null ? submit(request, arm, call) : submitFaulty(request, arm, call, fault);
    } catch (thrown) {
      const error =
        thrown instanceof InferenceError
          ? thrown
          : new InferenceError(500, "internal", "The request could not be handled.");
      counters.countError(state.desired.name, error.reason, error.status);
      request.trace?.failed(error);
      request.done(error);
      return null;
    }
  };
}

/** The fault of a drill, for requests that its candidate drew. */
const faultOf = ({ table, pinned }: InferRequest, arm: ServingArm): Fault | null =>
  pinned === null && arm.role === "candidate" ? table.fault : null;

/** The caller's deadline or the endpoint's, whichever is earlier. */
function earliest(
  deadlineMs: number | null,
  timeoutMs: number | null,
  startMs: number,
): number | null {
  if (timeoutMs === null) return deadlineMs;
  return deadlineMs === null ? startMs + timeoutMs : Math.min(deadlineMs, startMs + timeoutMs);
}
