import type { PostWindowsRequest, RuntimeAcks, WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

/** A window further ahead of the database clock than this is a broken clock, not a measurement. Seconds. */
const MAX_CLOCK_AHEAD_SECONDS = 120;

const mustRegister = (): AppError =>
  new AppError("conflict", "This process start is not known here.", { hint: "Register, then send again." });

/** Keeps the newest acks of a runtime and wakes the controller; the whole truth each time, so order does not matter. */
export const acceptAcks =
  (store: Store) =>
  async (actor: Actor, acks: RuntimeAcks): Promise<void> => {
    authorise(actor, "runtime:serve", null);
    const known = await store.telemetry(async (telemetry, _now, publish) => {
      const saved = await telemetry.runtimes.saveAcks(acks);
      if (saved) await publish(["acks"]);
      return saved;
    });
    if (!known) throw mustRegister();
  };

const isFromTheFuture = (window: WindowReport, now: Date): boolean =>
  Date.parse(window.windowStart) > now.getTime() + MAX_CLOCK_AHEAD_SECONDS * 1000;

/**
 * Keeps windows, highest `seq` per key. They may be of an earlier start of the same runtime (its spool), so the runtime is
 * found by its token, not by the boot id. Answers how many were new or newer.
 */
export const acceptWindows =
  (store: Store) =>
  async (actor: Actor, request: PostWindowsRequest): Promise<{ accepted: number; ignored: number }> => {
    authorise(actor, "runtime:serve", null);
    return store.telemetry(async (telemetry, now, publish) => {
      const runtimeId =
        (await telemetry.runtimes.touchRuntime(request.bootId)) ?? (await telemetry.runtimes.runtimeIdOfToken(actor.id));
      if (runtimeId === null) throw mustRegister();
      if (request.windows.some((window) => isFromTheFuture(window, now))) {
        throw new AppError("invalid_input", "A window begins in the future by the database clock.", {
          hint: "Set the clock of the runtime's host.",
        });
      }
      await telemetry.runtimes.touchWindows(runtimeId);
      if (request.signals !== undefined) await telemetry.runtimes.saveSignals(request.bootId, request.signals);
      const accepted = await telemetry.windows.saveWindows(runtimeId, request.bootId, request.windows, now);
      if (accepted > 0) await publish([...new Set(request.windows.map(({ endpointId }) => `windows:${endpointId}`))]);
      return { accepted, ignored: request.windows.length - accepted };
    });
  };
