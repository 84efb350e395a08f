/**
 * The one place where instants become text. Stored times are UTC; a reader sees their own zone, and the zone's name
 * stands beside the time. UTC is on hover and in what is copied or exported.
 */

const NBSP = "\u00a0";

const formats = new Map<string, Intl.DateTimeFormat>();
function dateFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone, hourCycle: "h23" });
  formats.set(key, made);
  return made;
}

function part(at: Date, zone: string, options: Intl.DateTimeFormatOptions, type: string): string {
  return (
    dateFormat(zone, options)
      .formatToParts(at)
      .find((p) => p.type === type)?.value ?? ""
  );
}

/** "GMT", "CET", "UTC": the zone's short name at that instant. */
export function formatZone(at: string, zone: string): string {
  return part(new Date(at), zone, { timeZoneName: "short" }, "timeZoneName");
}

/** "14:02:11" without zone: only for columns whose head or caption names the zone. */
export function formatClock(at: string, zone: string, seconds = true): string {
  return dateFormat(zone, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" as const } : {}),
  }).format(new Date(at));
}

function dayKey(at: Date, zone: string): string {
  return dateFormat(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

/** "23 Nov", with the year when it is not the reader's present one: "23 Nov 2025". */
export function formatDay(at: string, zone: string, now: string): string {
  const year = (value: string) => part(new Date(value), zone, { year: "numeric" }, "year");
  const text = dateFormat(zone, { day: "numeric", month: "short" })
    .format(new Date(at))
    .replace(" ", NBSP);
  return year(at) === year(now) ? text : `${text}${NBSP}${year(at)}`;
}

/** "Monday 23 November 2026". */
export function formatLongDay(at: string, zone: string): string {
  return dateFormat(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" })
    .format(new Date(at))
    .replace(",", "");
}

/** "14:02:11 GMT" for the reader's today, else "23 Nov 14:02:11 GMT". The everyday form. */
export function formatInstant(at: string, zone: string, now: string, seconds = true): string {
  const clock = `${formatClock(at, zone, seconds)}${NBSP}${formatZone(at, zone)}`;
  return dayKey(new Date(at), zone) === dayKey(new Date(now), zone)
    ? clock
    : `${formatDay(at, zone, now)} ${clock}`;
}

/** "2026-11-23 14:02:11 UTC": hover, copy and export. */
export function formatUtc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * A length of time in at most two units: "0.6 s", "42 s", "3 min 30 s", "1 h 23 min", "3 days". Whole units only,
 * rounded down, because "4 min" promised too early is a lie.
 */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${String(whole)}${NBSP}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return pair(minutes, "min", whole % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, "h", minutes % 60, "min");
  const days = Math.floor(hours / 24);
  return `${String(days)}${NBSP}days`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${String(large)}${NBSP}${largeUnit}`;
  return small === 0 ? head : `${head} ${String(small)}${NBSP}${smallUnit}`;
}

/** Seconds from a to b, never below 0. */
export function secondsBetween(a: string, b: string): number {
  return Math.max(0, (Date.parse(b) - Date.parse(a)) / 1000);
}

/** "Europe/London" -> "London"; "UTC" stays. */
export function formatZonePlace(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
