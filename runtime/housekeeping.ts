import type { Logger } from "pino";
import type { WindowSender } from "./control/window-sender.ts";
import type { Signals } from "./metrics/signals.ts";
import type { Router } from "./router/router.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { VersionManager } from "./versions/version-manager.ts";

const OFTEN_MS = 250;
const SELDOM_MS = 60_000;
const WINDOWS_MS = 1000;
const SECOND_MS = 1000;

export type HousekeepingOptions = {
  readonly telemetry: Telemetry;
  readonly router: Router;
  readonly versions: VersionManager;
  readonly windows: WindowSender;
  readonly signals: Signals;
  /** How long the control plane has been silent. */
  readonly silentMs: () => number;
  readonly tidyHosts: () => Promise<void>;
  /** Without a control plane nobody else sends windows: they go to disk from here. */
  readonly hasControl: boolean;
  readonly log: Logger;
};

/** What must happen by the clock whether or not a request comes. Answers how to stop. */
export function startHousekeeping(options: HousekeepingOptions): () => void {
  const { telemetry, router, versions, windows, log } = options;
  const report = (error: unknown): void => log.error({ err: error }, "Housekeeping failed");
  const often = (): void => {
    telemetry.roll();
    router.checkLeases(options.silentMs());
    versions.retireUnused(router.isInUse, router.isPoolInUse);
  };
  const everySecond = (): void => options.signals.sample(performance.now());
  const seldom = (): void => {
    telemetry.sweep();
    options.tidyHosts().catch(report);
  };
  let isSending = false;
  const sendWindows = (): void => {
    if (options.hasControl || isSending) return;
    isSending = true;
    void windows
      .send()
      .catch(report)
      .finally(() => {
        isSending = false;
      });
  };
  const timers = [
    setInterval(often, OFTEN_MS),
    setInterval(seldom, SELDOM_MS),
    setInterval(sendWindows, WINDOWS_MS),
    setInterval(everySecond, SECOND_MS),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach((timer) => clearInterval(timer));
}
