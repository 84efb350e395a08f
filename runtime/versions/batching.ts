import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { FULL_MESSAGE, type Pool } from "../model-host/pool.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import type { Tensor } from "../oip/tensor.ts";
import { compareOutput } from "./golden.ts";
import type { VersionPlan } from "./load-version.ts";

/** What was found at warm-up: rows of a batch, and how many times more rows a second that gives than one by one. */
export type Batching = {
  readonly maxRows: number;
  readonly maxDelayUs: number;
  readonly rowsPerSecondGain: number;
};

type BatchingSettings = NonNullable<DesiredVersion["session"]["batching"]>;
const MEASURED: BatchingSettings = { mode: "measured", maxRows: null, preferredRows: [], maxDelayUs: 0 };

/** Sizes that are tried, the first of which decides whether the model may batch at all. */
const SIZES = [8, 16, 32, 64] as const;
const ROUNDS = 5;
const TOLERANCE = 1e-5;
/** A batch is worth while when a request in it costs at most this share of what it costs alone. */
const WORTH_WHILE = 0.6;
/** A larger batch keeps the first caller waiting for the last: it must gain this much over the next smaller one. */
const WORTH_WAITING_FOR = 1.1;
/** Larger sizes are not tried once this much time is spent: a slow model must not hold up its own start. */
const BUDGET_MS = 4000;
/** Batches that run longer leave as one message; shorter ones in small messages, so that front and host overlap. */
const LONG_BATCH_US = 1000;

const ALONE = {
  maxRows: 1,
  fullMessage: FULL_MESSAGE,
  maxDelayUs: 0,
  preferredRows: [] as readonly number[],
};

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

/** Microseconds that one request costs in batches of `size`, of the quickest round; null when batched answers differ from those given alone. */
async function costAt(
  plan: VersionPlan,
  pool: Pool,
  samples: readonly Tensor[][],
  size: number,
  rounds: number,
): Promise<{ readonly aloneUs: number; readonly togetherUs: number } | null> {
  // So many for each host: the pool spreads them evenly.
  const requests = Array.from(
    { length: size * pool.stats().hosts },
    (_, index) => samples[index % samples.length] ?? [],
  );
  let [aloneUs, togetherUs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round += 1) {
    pool.feed(ALONE);
    const alone = await Promise.all(requests.map((tensors) => pool.run(tensors)));
    pool.feed({ maxRows: size, fullMessage: size, maxDelayUs: 0, preferredRows: [] });
    const together = await Promise.all(requests.map((tensors) => pool.run(tensors)));
    pool.feed(ALONE);
    if (!alone.every((outcome, index) => isSame(plan, outcome, together[index] ?? outcome)))
      return null;
    // The quickest round of each is the one that was disturbed least.
    aloneUs = Math.min(aloneUs, totalUs(alone) / requests.length);
    togetherUs = Math.min(togetherUs, totalUs(together) / requests.length);
  }
  return { aloneUs, togetherUs };
}

type Size = { readonly size: number; readonly aloneUs: number; readonly togetherUs: number };

/** The size that was asked for, where answers given together are those given alone; null otherwise. Whether it pays is the asker's business. */
async function fixedSize(
  plan: VersionPlan,
  pool: Pool,
  samples: readonly Tensor[][],
  size: number,
): Promise<Size | null> {
  const cost = await costAt(plan, pool, samples, size, 2);
  return cost === null ? null : { size, ...cost };
}

/** The size from which on a larger one gains little; null when batching is not safe or not worth while. */
async function bestSize(
  plan: VersionPlan,
  pool: Pool,
  samples: readonly Tensor[][],
  maxRows: number | null,
): Promise<Size | null> {
  const startMs = performance.now();
  let best: Size | null = null;
  const sizes: readonly number[] = SIZES.filter((size) => maxRows === null || size <= maxRows);
  for (const size of sizes.length > 0 ? sizes : [maxRows ?? SIZES[0]]) {
    if (performance.now() - startMs > BUDGET_MS) break;
    const cost = await costAt(plan, pool, samples, size, best === null ? ROUNDS : 2);
    if (cost === null) return best;
    if (best === null) {
      if (cost.togetherUs > WORTH_WHILE * cost.aloneUs) return null;
      best = { size, ...cost };
    } else if (cost.togetherUs * WORTH_WAITING_FOR < best.togetherUs) {
      best = { size, aloneUs: Math.min(best.aloneUs, cost.aloneUs), togetherUs: cost.togetherUs };
    } else break;
  }
  return best;
}

/**
 * Tries out whether this model answers rows run together as it answers them alone, and how many rows at once pay; leaves batching on
 * only then. A model that looks at its batch (a norm or a rank over the rows) is found out here and keeps running request by request.
 * Unless the endpoint's configuration asks for a delay, nothing waits for a batch to fill: a batch is what came while the host was busy.
 */
export async function tuneBatching(
  plan: VersionPlan,
  pool: Pool,
  samples: readonly Tensor[][],
): Promise<Batching | null> {
  pool.feed(ALONE);
  const { mode, maxRows, preferredRows, maxDelayUs } = plan.version.session.batching ?? MEASURED;
  if (mode === "off" || !takesRows(plan) || samples.length < 2) return null;
  const best =
    mode === "fixed" && maxRows !== null
      ? await fixedSize(plan, pool, samples, maxRows)
      : await bestSize(plan, pool, samples, maxRows);
  pool.feed(ALONE);
  if (best === null) return null;
  const { size, aloneUs, togetherUs } = best;
  const isLong = size * togetherUs > LONG_BATCH_US;
  pool.feed({
    maxRows: size,
    // Whoever asked for a delay wants full batches, not small messages.
    fullMessage: isLong || maxDelayUs > 0 ? size : FULL_MESSAGE,
    maxDelayUs,
    preferredRows: preferredRows.filter((rows) => rows <= size),
  });
  return { maxRows: size, maxDelayUs, rowsPerSecondGain: aloneUs / Math.max(togetherUs, 1e-3) };
}
