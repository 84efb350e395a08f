/** Between an instant in UTC and what `<input type="datetime-local">` holds, in a named zone: the reader's, not the browser's. */

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  formats.set(zone, made);
  return made;
}

/** "2026-11-23T14:02:11" as the clock on the wall says in that zone; "" for what is no instant. */
export function localOfInstant(instant: string, zone: string): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? "" : formatOf(zone).format(date).replace(" ", "T");
}

/**
 * The instant in UTC at which the zone's clocks show this; null when it is not a date and time. A time that the clocks skip in spring becomes the same
 * time after the skip; of one that they show twice in autumn the first is meant.
 */
export function instantOfLocal(local: string, zone: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(local)) return null;
  const asUtc = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`);
  if (Number.isNaN(asUtc)) return null;
  const offsetAt = (ms: number): number =>
    Date.parse(`${localOfInstant(new Date(ms).toISOString(), zone)}Z`) - ms;
  const offsets = [offsetAt(asUtc - 86_400_000), offsetAt(asUtc + 86_400_000)];
  const exact = offsets
    .map((offset) => asUtc - offset)
    .filter((ms) => ms + offsetAt(ms) === asUtc)
    .sort((a, b) => a - b);
  return new Date(exact[0] ?? asUtc - (offsets[0] ?? 0)).toISOString();
}
