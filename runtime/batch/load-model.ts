import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import type { ColumnMapping } from "#lib/contracts/batch.ts";
import { planColumns } from "#lib/domain/batch/row-columns.ts";
import type { Pool } from "../model-host/pool.ts";
import type { Tensor } from "../oip/tensor.ts";
import { compareOutput } from "../versions/golden.ts";
import { checkLoadedSignature, planVersion, poolFor, sampleInputs, type VersionPlan } from "../versions/load-version.ts";
import type { ArtifactStore, OpenArtifact } from "../versions/artifact-store.ts";
import { joinTensors } from "../model-host/batch.ts";
import type { BatchModel } from "./answer-rows.ts";

export type ModelSource = {
  readonly store: ArtifactStore;
  readonly openArtifact: OpenArtifact;
  readonly onHostSpawn: (pid: number) => void;
  /** How far model hosts stand back for others; 10 unless said otherwise. */
  readonly niceness?: number;
};

/** Rows in one run of a model that may be given several. */
export const BATCH_ROWS = 256;
/** More values in one run than this make messages that hold up everything else. */
const MAX_VALUES = 262_144;
/** Behind everything that serves. */
const NICENESS = 10;
const TIMEOUT_MS = 60_000;
const TOLERANCE = 1e-5;
const SAMPLES = 8;

/** A loaded version, kept between partitions. */
export type KeptModel = { readonly plan: VersionPlan; readonly pool: Pool; readonly batchRows: number };

const takesRows = ({ signature }: VersionPlan): boolean =>
  [...signature.inputs, ...signature.outputs].every(({ shape }) => shape[0] === -1);

/**
 * How many rows go into one run: as many as fit, if the model answers rows together as it answers them alone, else one.
 * A model that looks at its batch (a norm or a rank over the rows) is found out here.
 */
async function findBatchRows(plan: VersionPlan, pool: Pool): Promise<number> {
  const samples = sampleInputs(plan).slice(0, SAMPLES).filter((tensors) => tensors.every(({ shape }) => shape[0] === 1));
  const [first] = samples;
  if (!takesRows(plan) || first === undefined || samples.length < 2) return 1;
  const alone = await Promise.all(samples.map((tensors) => pool.run(tensors)));
  const joined: Tensor[] = first.map((tensor, index) => ({
    ...joinTensors(samples.map((tensors) => tensors[index] ?? tensor), samples.length),
    name: tensor.name,
    nulls: null,
  }));
  const together = await pool.run(joined);
  if (!together.ok) return 1;
  for (const [row, outcome] of alone.entries()) {
    if (!outcome.ok) return 1;
    const same = outcome.outputs.every((expected, index) => {
      const whole = together.outputs[index];
      if (whole === undefined || whole.shape[0] !== samples.length) return false;
      const size = whole.data.length / samples.length;
      const part = { ...whole, shape: [1, ...whole.shape.slice(1)], data: whole.data.slice(row * size, (row + 1) * size) };
      return compareOutput(part, expected, TOLERANCE, plan.spec.outputs[index]?.name ?? "") === null;
    });
    if (!same) return 1;
  }
  const valuesPerRow = first.reduce((sum, { data }) => sum + data.length, 0);
  return Math.max(1, Math.min(BATCH_ROWS, Math.floor(MAX_VALUES / Math.max(1, valuesPerRow))));
}

/** Downloads, checks and loads a version in a host of its own, behind the ones that serve. */
export async function loadModel(version: DesiredVersion, source: ModelSource, signal: AbortSignal): Promise<KeptModel> {
  const plan = planVersion(version);
  const directory = await source.store.ensure(version, source.openArtifact, signal);
  const setting = { hosts: 1, niceness: source.niceness ?? NICENESS, timeoutMs: TIMEOUT_MS, restarts: true, onSpawn: source.onHostSpawn };
  const pool = poolFor(plan, directory, setting, { onCrash: () => undefined, onCrashLoop: () => undefined });
  try {
    checkLoadedSignature(plan.signature, await pool.start());
    return { plan, pool, batchRows: await findBatchRows(plan, pool) };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** The model with the columns of one input. Throws when they do not fill it. */
export function withColumns({ plan, pool, batchRows }: KeptModel, columns: readonly string[], mapping: ColumnMapping): BatchModel {
  const planned = planColumns(plan.signature, plan.contract, columns, mapping);
  if (!planned.ok) throw new Error(planned.problems.join(" "));
  return { plan, pool, batchRows, columns: planned.tensors };
}
