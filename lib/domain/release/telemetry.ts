/** One process start of a runtime, as far as the endpoint's windows in the present step are concerned. */
export type BootTelemetry = {
  readonly runtimeId: string;
  readonly name: string;
  readonly bootId: string;
  /** False once a later process start of the runtime, or its silence, shows that this one is gone. */
  readonly isAlive: boolean;
  /** Database times; null when it never reported. Runtimes report a window for each arm with weight, also without requests. */
  readonly firstWindowMs: number | null;
  readonly lastWindowMs: number | null;
  /** When it was first seen to route by the step's epoch; null when it did not. */
  readonly appliedAtMs: number | null;
  /** It marked its last window as final before it ended. */
  readonly hasFinalWindow: boolean;
  readonly endedAtMs: number | null;
};

export type TelemetryState = {
  /** Seconds since an arm with weight should have reported; null while all do. */
  readonly blindSeconds: number | null;
  /** Process starts that ended without a last window: what they counted at the end is unknown for good. */
  readonly gaps: readonly string[];
};

/** Silence shorter than this is a hiccup, whatever the window length. */
const SHORTEST_SILENCE_MS = 10_000;
const SILENT_WINDOWS = 3;

/**
 * Whether the arms can be seen. A living process start that routes by the step's epoch must report within three windows.
 * One that died without a final window leaves a gap: that is blindness, not absence of failures, until its successor
 * has reported for three windows. Then the gap is past, stays named in the record, and the step's dwell has begun anew
 * because the successor applied the epoch later.
 */
export function telemetryState(
  boots: readonly BootTelemetry[],
  windowSeconds: number,
  nowMs: number,
): TelemetryState {
  const patienceMs = Math.max(SHORTEST_SILENCE_MS, SILENT_WINDOWS * windowSeconds * 1000);
  const blindSince: number[] = [];
  const gaps: string[] = [];
  for (const boot of boots) {
    if (boot.appliedAtMs === null) continue;
    const lastHeardMs = Math.max(boot.lastWindowMs ?? boot.appliedAtMs, boot.appliedAtMs);
    if (boot.isAlive) {
      if (nowMs - lastHeardMs > patienceMs) blindSince.push(lastHeardMs);
      continue;
    }
    if (boot.hasFinalWindow) continue;
    gaps.push(`${boot.name} ended without a last window`);
    const hasRecovered = boots.some(
      (other) =>
        other.runtimeId === boot.runtimeId &&
        other.isAlive &&
        other.firstWindowMs !== null &&
        nowMs - other.firstWindowMs >= SILENT_WINDOWS * windowSeconds * 1000,
    );
    if (!hasRecovered) blindSince.push(Math.min(boot.endedAtMs ?? lastHeardMs, nowMs));
  }
  const blindSeconds = blindSince.length === 0 ? null : (nowMs - Math.min(...blindSince)) / 1000;
  return { blindSeconds, gaps };
}
