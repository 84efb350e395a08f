/** What progress is told from. Times in milliseconds since 1970, by the database clock. */
export type ProgressFacts = {
  readonly rowsTotal: number;
  readonly rowsDone: number;
  /** When work began or was last resumed, and how many rows were done then; null while nothing runs. */
  readonly since: { readonly atMs: number; readonly rowsDone: number } | null;
  readonly nowMs: number;
};

export type Progress = {
  readonly share: number;
  /** Null until something was done in this stretch of work. */
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
};

/** Too short a stretch says nothing about a rate. */
const MIN_MS = 500;

/** Share done, rate since work began or was resumed, and the time left at that rate. */
export function progressOf({ rowsTotal, rowsDone, since, nowMs }: ProgressFacts): Progress {
  const share = rowsTotal === 0 ? 1 : Math.min(1, rowsDone / rowsTotal);
  const elapsedMs = since === null ? 0 : nowMs - since.atMs;
  const rows = since === null ? 0 : rowsDone - since.rowsDone;
  if (elapsedMs < MIN_MS || rows <= 0) return { share, rowsPerSecond: null, secondsLeft: null };
  const rowsPerSecond = (rows * 1000) / elapsedMs;
  return { share, rowsPerSecond, secondsLeft: Math.max(0, rowsTotal - rowsDone) / rowsPerSecond };
}
