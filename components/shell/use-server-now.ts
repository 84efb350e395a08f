"use client";

import { useEffect, useState } from "react";

/**
 * The server's present time as an ISO instant, moving once a second. Starts at the view's own `asOf`, so that server and
 * browser draw the same first picture, and never runs behind it: a wrong clock in the browser changes nothing.
 */
export function useServerNow(asOf: string, everyMs = 1000): string {
  const [now, setNow] = useState(asOf);
  useEffect(() => {
    const startMs = performance.now();
    const asOfMs = Date.parse(asOf);
    const timer = setInterval(() => {
      setNow(new Date(asOfMs + performance.now() - startMs).toISOString());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [asOf, everyMs]);
  return now < asOf ? asOf : now;
}
