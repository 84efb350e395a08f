import type { Logger } from "pino";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import type { RuntimeSignals } from "#lib/contracts/runtime-telemetry.ts";
import type { WindowSpool } from "../storage/window-spool.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { ControlError, type ControlClient } from "./control-client.ts";

const BATCH = 100;
/** Segments taken from disk in one round, so that old windows never hold up new ones for long. */
const SEGMENTS_A_ROUND = 8;

/** Takes windows from telemetry to the control plane, or to disk until it can be reached. */
export type WindowSender = {
  /** One round: ends windows whose time is up, sends finals, then the state of open windows, then what waits on disk. */
  send(): Promise<void>;
  /** The last round: ends every window; what cannot be sent is kept on disk. */
  flush(): Promise<void>;
  readonly sentWindows: number;
  readonly refusedWindows: number;
};

export type WindowSenderOptions = {
  readonly bootId: string;
  readonly telemetry: Telemetry;
  readonly spool: WindowSpool;
  /** Null when this runtime has no control plane: everything goes to disk. */
  readonly control: ControlClient | null;
  readonly now: () => string;
  /** The load of this runtime, for the heartbeat that goes with windows. */
  readonly signals: () => RuntimeSignals;
  readonly log: Logger;
  readonly onMustRegister: () => void;
};

export function createWindowSender(options: WindowSenderOptions): WindowSender {
  const { bootId, telemetry, spool, control, log } = options;
  let sent = 0;
  let refused = 0;

  const post = async (
    ofBoot: string,
    windows: readonly WindowReport[],
    signals?: RuntimeSignals,
  ): Promise<void> => {
    if (control === null) throw new Error("There is no control plane.");
    // Also without a window: that is how an endpoint without traffic is told apart from a runtime that has gone blind.
    const length = signals === undefined ? windows.length : Math.max(1, windows.length);
    for (let at = 0; at < length; at += BATCH) {
      const batch = windows.slice(at, at + BATCH);
      try {
        await control.sendWindows({
          bootId: ofBoot,
          sentAt: options.now(),
          windows: [...batch],
          ...(signals === undefined || at > 0 ? {} : { signals }),
        });
        sent += batch.length;
      } catch (error) {
        if (!(error instanceof ControlError) || !error.isRefused) throw error;
        // It will not take them later either: holding them back would hold back all that follow.
        refused += batch.length;
        log.error(
          { windows: batch.length, problem: error.message },
          "The control plane refused windows; they are lost",
        );
      }
    }
  };
  const drainSpool = async (): Promise<void> => {
    for (let round = 0; round < SEGMENTS_A_ROUND; round += 1) {
      const batch = await spool.oldest();
      if (batch === null) return;
      await post(batch.bootId, batch.windows);
      await batch.remove();
    }
  };
  const deliver = async (
    finals: readonly WindowReport[],
    open: readonly WindowReport[],
  ): Promise<void> => {
    let arrived = 0;
    try {
      for (; arrived < finals.length; arrived += BATCH)
        await post(bootId, finals.slice(arrived, arrived + BATCH));
      await post(bootId, open, options.signals());
      await drainSpool();
    } catch (error) {
      if (error instanceof ControlError && error.mustRegister) options.onMustRegister();
      const left = finals.slice(arrived);
      if (left.length > 0) await spool.append(bootId, left);
    }
  };

  return {
    async send() {
      telemetry.roll();
      await deliver(telemetry.takeFinals(), telemetry.reportOpen());
    },
    async flush() {
      telemetry.closeAll();
      await deliver(telemetry.takeFinals(), []);
    },
    get sentWindows() {
      return sent;
    },
    get refusedWindows() {
      return refused;
    },
  };
}
