"use client";

import { useLayoutEffect } from "react";
import { replayEarlyInput } from "#lib/client/early-input.ts";

/** Last child of the page: its effect runs when everything on the page lives, and gives it what was done before. */
export function ReplayEarlyInput() {
  useLayoutEffect(() => {
    const early = window.slipwayEarlyInput;
    if (early === undefined) return;
    delete window.slipwayEarlyInput;
    replayEarlyInput(early);
  }, []);
  return null;
}
