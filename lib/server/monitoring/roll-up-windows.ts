import { mergePeriods } from "#lib/domain/drift/period.ts";
import { END_STATES, RELEASE_STATES } from "#lib/domain/release/states.ts";
import type { Retention } from "../db/rollup-repository.ts";
import { coarserPeriod, keyText, type PeriodKey } from "../db/rollup-due.ts";
import type { Store } from "../store.ts";

/** A stretch is added up this long after its end: its last windows are then there as a rule. Later ones have it added up again. */
export const ROLLUP_LAG_SECONDS = 2;
const BATCH = 200;

const DAY = 86_400;
/** Windows for a day, minutes for two, five minutes for a fortnight, hours for 13 months, days for good. */
export const DEFAULT_RETENTION: Retention = { 0: DAY, 60: 2 * DAY, 300: 14 * DAY, 3600: 400 * DAY, 86_400: 0 };
const PRUNE_ROWS = 5_000;
const OPEN_STATES = RELEASE_STATES.filter((state) => !(END_STATES as readonly string[]).includes(state));

/**
 * Adds up all stretches that are due, minutes first, one batch a transaction: a crash repeats a batch and changes nothing. Any replica may do it at any time.
 * Answers how many stretches were added up.
 */
export async function rollUpDue(store: Store, lagSeconds = ROLLUP_LAG_SECONDS): Promise<number> {
  let done = 0;
  for (;;) {
    const taken = await store.telemetry(async ({ rollups }) => {
      const keys = await rollups.takeDue(lagSeconds, BATCH);
      const grains = [...new Set(keys.map(({ grainSeconds }) => grainSeconds))];
      for (const grain of grains) {
        const own = keys.filter(({ grainSeconds }) => grainSeconds === grain);
        const parts = await rollups.partsOf(grain, own);
        await rollups.saveRollups(
          own.flatMap((key) => {
            const found = parts.get(keyText(key)) ?? [];
            return found.length === 0 ? [] : [{ key, inputs: found.length, period: mergePeriods(found) }];
          }),
        );
      }
      await rollups.markDue(keys.map(coarserPeriod).filter((key): key is PeriodKey => key !== null));
      return keys.length;
    });
    done += taken;
    // A minute that was added up may have made its five minutes due: go on until nothing is.
    if (taken === 0) return done;
  }
}

/** Forgets what is past its time. */
export async function pruneOldMetrics(store: Store, retention: Retention = DEFAULT_RETENTION): Promise<void> {
  for (;;) {
    const removed = await store.telemetry(({ rollups }) => rollups.pruneMetrics(retention, OPEN_STATES, PRUNE_ROWS));
    if (removed < PRUNE_ROWS) return;
  }
}
