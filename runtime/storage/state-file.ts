import { z } from "zod";
import { desiredState, type DesiredState } from "#lib/contracts/runtime-protocol.ts";
import type { BurntRecord } from "../router/endpoint-state.ts";
import { readFileIfThere, replaceFile } from "./durable-file.ts";
import { sealedHeaders, withCredentials, withoutCredentials, type Reopened, type StateSeal } from "./seal-state.ts";

const burntRecord = z.object({
  epoch: z.number().int().nonnegative(),
  toPrevious: z.boolean(),
  cause: z.enum(["dead_man", "candidate_failing", "host_crash_loop", "load_failed", "operator"]),
  at: z.string(),
});
const burntFile = z.object({ format: z.literal(1), endpoints: z.record(z.string(), burntRecord) });
/** Format 1, of earlier runtimes, had credentials in plain text; it is read once and replaced. */
const stateFile = z.discriminatedUnion("format", [
  z.object({ format: z.literal(1), state: desiredState }),
  z.object({ format: z.literal(2), state: desiredState, sealed: sealedHeaders }),
]);

/** The file is there but cannot be understood. */
export class StateFileError extends Error {
  override readonly name = "StateFileError";
}

async function readDocument<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readFileIfThere(file);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new StateFileError(`${file} cannot be read as a state of this version of the runtime.`);
  }
}

export type SavedState = Reopened & {
  /** The file is of an earlier form and should be written anew. */
  readonly isOldForm: boolean;
};

/** The last desired state that was applied, with its credentials opened by `seal`; null before the first. Throws `StateFileError`. */
export async function readDesiredState(file: string, seal: StateSeal | null): Promise<SavedState | null> {
  const found = await readDocument(file, stateFile);
  if (found === null) return null;
  if (found.format === 1) return { state: found.state, closed: [], isOldForm: true };
  return { ...withCredentials(found.state, found.sealed, seal), isOldForm: false };
}

/** Keeps a desired state; credentials of other servers only under `seal`. */
export async function writeDesiredState(file: string, state: DesiredState, seal: StateSeal | null): Promise<void> {
  await replaceFile(file, JSON.stringify({ format: 2, ...withoutCredentials(state, seal) }));
}

/** Epochs that this runtime has burnt, by endpoint id. Throws `StateFileError`. */
export async function readBurntEpochs(file: string): Promise<Map<string, BurntRecord>> {
  return new Map(Object.entries((await readDocument(file, burntFile))?.endpoints ?? {}));
}

export async function writeBurntEpochs(
  file: string,
  burnt: ReadonlyMap<string, BurntRecord>,
): Promise<void> {
  await replaceFile(file, JSON.stringify({ format: 1, endpoints: Object.fromEntries(burnt) }));
}
