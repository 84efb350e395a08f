import type { Fault } from "#lib/domain/release/plan-parts.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import { InferenceError } from "../oip/inference-error.ts";
import type { Tensor } from "../oip/tensor.ts";

/** What the candidate of a rollback drill sees instead of its input; other faults leave it as it is. */
export function driftInputs(fault: Fault | null, tensors: readonly Tensor[]): void {
  if (fault?.kind !== "drifted_inputs") return;
  for (const { data } of tensors) {
    if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) continue;
    for (let at = 0; at < data.length; at += 1) data[at] = (data[at] ?? 0) * fault.factor;
  }
}

/** The failure that a drill gives instead of an answer, in its declared share; null: the candidate answers. */
export function faultOutcome(fault: Fault | null): InferOutcome | null {
  if (fault?.kind !== "errors" || Math.random() >= fault.share) return null;
  const text = "A rollback drill made this answer fail on purpose.";
  return { ok: false, error: new InferenceError(500, "model_error", text) };
}

/** How much later a drill sends the request to the model, in milliseconds. */
export const faultDelayMs = (fault: Fault | null): number =>
  fault?.kind === "latency" ? fault.addMs : 0;
