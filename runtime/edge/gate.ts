import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { checkLoadedSignature, planVersion, poolFor, replayGolden, sampleInputs, warmUp, type Surroundings } from "../versions/load-version.ts";

const GATE_TIMEOUT_MS = 60_000;
/** Behind what answers. */
const NICENESS = 10;

/**
 * Loads a version in a model host that is thrown away afterwards and replays its golden inputs, before anything is switched.
 * Answers why it must not be installed; null when it may.
 */
export async function gateProblem(version: DesiredVersion, directory: string, surroundings: Surroundings, onSpawn: (pid: number) => void): Promise<string | null> {
  const plan = planVersion(version, surroundings);
  const setting = { hosts: 1, niceness: NICENESS, timeoutMs: GATE_TIMEOUT_MS, restarts: false, onSpawn };
  const pool = poolFor(plan, directory, setting, { onCrash: () => undefined, onCrashLoop: () => undefined });
  try {
    checkLoadedSignature(plan.signature, await pool.start());
    const { passed, total, problem } = await replayGolden(plan, pool);
    if (problem !== null) return `${passed} of ${total} golden inputs repeated. ${problem}`;
    await warmUp(pool, sampleInputs(plan));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await pool.close();
  }
}
