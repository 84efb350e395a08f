"use client";

import { formatClock, formatInstant, formatUtc } from "#lib/client/format-time.ts";
import { useTimeZone } from "./viewer-context.tsx";

export type InstantProps = {
  readonly at: string;
  /** The page's present time: decides whether the day is named. */
  readonly now: string;
  readonly seconds?: boolean;
  /** Clock alone, for columns whose head names the zone. */
  readonly clockOnly?: boolean;
};

/** A time in the reader's zone with the zone beside it; UTC on hover. */
export function Instant({ at, now, seconds = true, clockOnly = false }: InstantProps) {
  const timeZone = useTimeZone();
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {clockOnly ? formatClock(at, timeZone, seconds) : formatInstant(at, timeZone, now, seconds)}
    </time>
  );
}
