"use client";

import { formatNumber } from "#lib/client/format-number.ts";
import { formatInstant } from "#lib/client/format-time.ts";
import { Banner } from "../ui/banner.tsx";
import { useLiveness } from "./live-provider.tsx";
import { useServerNow } from "./use-server-now.ts";
import { useTimeZone } from "./viewer-context.tsx";

/** "Live, 0.6 s ago. 14:11:30 GMT", or since when the page is stale. Not announced: it changes all the time. */
export function LiveTick({ asOf }: { asOf: string }) {
  const timeZone = useTimeZone();
  const now = useServerNow(asOf);
  const { mode, ageSeconds, isStale } = useLiveness();
  const clock = formatInstant(now, timeZone, now);
  if (ageSeconds === null)
    return <span className="live-tick is-stale">As of {formatInstant(asOf, timeZone, now)}</span>;
  if (isStale)
    return (
      <span className="live-tick is-stale">
        Stale since {staleSince(now, ageSeconds, timeZone)}
      </span>
    );
  const age = `${formatNumber(ageSeconds, ageSeconds < 10 ? 1 : 0)}\u00a0s ago`;
  return (
    <span className="live-tick">
      {mode === "polling" ? `Read every 5\u00a0s, ${age}` : `Live, ${age}`}. {clock}
    </span>
  );
}

/** Stands while nothing has come for 5 s; goes by itself when the stream is back. */
export function StaleBanner({ asOf }: { asOf: string }) {
  const timeZone = useTimeZone();
  const now = useServerNow(asOf);
  const { ageSeconds, isStale } = useLiveness();
  if (!isStale || ageSeconds === null) return null;
  return (
    <div className="stale" role="status">
      <Banner tone="holding" mark="warn">
        <b>Stale since {staleSince(now, ageSeconds, timeZone)}.</b> Numbers below are the last ones
        seen. Models keep serving. Roll back still works; promote is closed until data returns.
      </Banner>
    </div>
  );
}

function staleSince(now: string, ageSeconds: number, timeZone: string): string {
  return formatInstant(new Date(Date.parse(now) - ageSeconds * 1000).toISOString(), timeZone, now);
}
