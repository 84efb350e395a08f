/** As in an environment's policy: a span once, or every week. Times are UTC; 0 is Sunday. */
export type FreezeWindow =
  | { readonly kind: "once"; readonly name: string; readonly from: string; readonly until: string }
  | {
      readonly kind: "weekly";
      readonly name: string;
      readonly fromDay: number;
      readonly fromTime: string;
      readonly untilDay: number;
      readonly untilTime: string;
    };

export type Freeze = { readonly name: string; readonly untilMs: number };

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** The epoch began on a Thursday; this moves it to the Sunday before. */
const SUNDAY_OFFSET_MS = 4 * DAY_MS;

/** Milliseconds from Sunday 00:00 UTC. */
function inWeek(day: number, time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return day * DAY_MS + hours * 3_600_000 + minutes * 60_000;
}

/** The end of the window if it holds now, else null. A weekly window that ends before it begins goes over Sunday. */
function endOf(window: FreezeWindow, nowMs: number): number | null {
  if (window.kind === "once") {
    const [fromMs, untilMs] = [Date.parse(window.from), Date.parse(window.until)];
    return nowMs >= fromMs && nowMs < untilMs ? untilMs : null;
  }
  const sinceSunday = (((nowMs + SUNDAY_OFFSET_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS;
  const from = inWeek(window.fromDay, window.fromTime);
  const until = inWeek(window.untilDay, window.untilTime);
  const length = (((until - from) % WEEK_MS) + WEEK_MS) % WEEK_MS;
  const elapsed = (((sinceSunday - from) % WEEK_MS) + WEEK_MS) % WEEK_MS;
  return elapsed < length ? nowMs + (length - elapsed) : null;
}

/** The change freeze in force, the one that ends last when several are; null when there is none. */
export function freezeAt(windows: readonly FreezeWindow[], nowMs: number): Freeze | null {
  const inForce = windows.flatMap((window) => {
    const untilMs = endOf(window, nowMs);
    return untilMs === null ? [] : [{ name: window.name, untilMs }];
  });
  return inForce.reduce<Freeze | null>(
    (last, freeze) => (last === null || freeze.untilMs > last.untilMs ? freeze : last),
    null,
  );
}
