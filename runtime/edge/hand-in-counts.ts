import type { Logger } from "pino";
import { ControlError } from "../control/control-client.ts";
import type { CountSpool } from "./count-spool.ts";
import type { DeviceLine } from "./device-line.ts";
import type { DeviceIdentity } from "./identity.ts";

/** Batches sent at one contact, so that weeks of counts do not keep orders waiting. */
const BATCHES_A_CONTACT = 50;

/** Sends what was counted since the last contact, oldest first. A batch is forgotten here only once the control plane said that it has it. */
export async function handInCounts(line: DeviceLine, identity: DeviceIdentity, counts: CountSpool, log: Logger): Promise<void> {
  for (let sent = 0; sent < BATCHES_A_CONTACT; sent += 1) {
    const batch = await counts.oldest();
    if (batch === null) return;
    const { number, bootId, windows } = batch;
    try {
      const { undated } = await line.sendCounts(identity, { number, bootId, windows: [...windows], lostPredictions: counts.lostPredictions });
      if (undated > 0) log.error({ windows: undated }, "Windows are of a time that cannot be: the clock was wrong; they are not counted");
      await batch.remove();
    } catch (error) {
      if (!(error instanceof ControlError) || !error.isRefused) throw error;
      log.error({ windows: windows.length, problem: error.message }, "The control plane refused windows; they are lost");
      await counts.giveUp(batch);
    }
  }
}
