import { z } from "zod";
import { desiredState, type DesiredState } from "#lib/contracts/runtime-protocol.ts";
import type { BurntRecord } from "../router/endpoint-state.ts";
import { readFileIfThere, replaceFile } from "./durable-file.ts";

const burntRecord = z.object({
  epoch: z.number().int().nonnegative(),
  toPrevious: z.boolean(),
  cause: z.enum(["dead_man", "candidate_failing", "host_crash_loop", "load_failed", "operator"]),
  at: z.string(),
});
const burntFile = z.object({ format: z.literal(1), endpoints: z.record(z.string(), burntRecord) });
const stateFile = z.object({ format: z.literal(1), state: desiredState });

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

/** The last desired state that was applied; null before the first. Throws `StateFileError`. */
export async function readDesiredState(file: string): Promise<DesiredState | null> {
  return (await readDocument(file, stateFile))?.state ?? null;
}

export async function writeDesiredState(file: string, state: DesiredState): Promise<void> {
  await replaceFile(file, JSON.stringify({ format: 1, state }));
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
