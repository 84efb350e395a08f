import type { Pool } from "../model-host/pool.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import type { Tensor } from "../oip/tensor.ts";
import { compareOutput } from "./golden.ts";
import type { VersionPlan } from "./load-version.ts";

const REQUESTS = 8;
const ROUNDS = 5;
const TOLERANCE = 1e-5;
/** A batch is worth while when a request in it costs at most this share of what it costs alone. */
const WORTH_WHILE = 0.6;

/** Every input and every output has a free first dimension: the shape of a model that takes rows. */
function takesRows({ signature }: VersionPlan): boolean {
  return [...signature.inputs, ...signature.outputs].every(({ shape }) => shape[0] === -1);
}

function isSame(plan: VersionPlan, alone: InferOutcome, together: InferOutcome): boolean {
  if (!alone.ok || !together.ok) return false;
  return plan.spec.outputs.every(({ name }, index) => {
    const [expected, found] = [alone.outputs[index], together.outputs[index]];
    return (
      expected !== undefined &&
      found !== undefined &&
      compareOutput(found, expected, TOLERANCE, name) === null
    );
  });
}

const totalUs = (outcomes: readonly InferOutcome[]): number =>
  outcomes.reduce((sum, outcome) => sum + (outcome.ok ? outcome.runUs : 0), 0);

/**
 * Tries out whether this model answers rows run together as it answers them alone, and faster; leaves batching on only then.
 * A model that looks at its batch (a norm or a rank over the rows) is found out here and keeps running request by request.
 */
export async function tryBatching(
  plan: VersionPlan,
  pool: Pool,
  samples: readonly Tensor[][],
): Promise<boolean> {
  if (!takesRows(plan) || samples.length < 2) return false;
  // So many for each host: the pool spreads them evenly.
  const requests = Array.from(
    { length: REQUESTS * pool.stats().hosts },
    (_, index) => samples[index % samples.length] ?? [],
  );
  let [aloneUs, togetherUs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round += 1) {
    pool.setBatching(false);
    const alone = await Promise.all(requests.map((tensors) => pool.run(tensors)));
    pool.setBatching(true);
    const together = await Promise.all(requests.map((tensors) => pool.run(tensors)));
    if (!alone.every((outcome, index) => isSame(plan, outcome, together[index] ?? outcome))) {
      pool.setBatching(false);
      return false;
    }
    // The quickest round of each is the one that was disturbed least.
    aloneUs = Math.min(aloneUs, totalUs(alone));
    togetherUs = Math.min(togetherUs, totalUs(together));
  }
  const isWorthWhile = togetherUs <= WORTH_WHILE * aloneUs;
  pool.setBatching(isWorthWhile);
  return isWorthWhile;
}
