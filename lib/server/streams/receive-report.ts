import type { StreamReport } from "#lib/contracts/streams.ts";
import { authorise } from "../access.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

/** Takes what a runtime says of a stream. */
export const receiveStreamReport =
  (store: Store) =>
  async (actor: Actor, streamId: string, report: StreamReport): Promise<{ accepted: boolean }> => {
    authorise(actor, "runtime:serve", null);
    return store.telemetry(async (telemetry, _now, publish) => {
      await telemetry.runtimes.touchRuntime(report.bootId);
      const accepted = await telemetry.streamReports.saveReport(streamId, report);
      if (accepted) await publish([`stream:${streamId}`]);
      return { accepted };
    });
  };
