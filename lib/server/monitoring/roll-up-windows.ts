import { WINDOWS_KEPT_SECONDS } from "#lib/domain/drift/late-period.ts";
import { mergePeriods } from "#lib/domain/drift/period.ts";
import { END_STATES, RELEASE_STATES } from "#lib/domain/release/states.ts";
import type { EvaluationRetention } from "../db/monitor-repository.ts";
import type { Retention } from "../db/rollup-repository.ts";
import { coarserPeriod, keyText, type PeriodKey } from "../db/rollup-due.ts";
import type { Store } from "../store.ts";

/** A stretch is added up this long after its end: its last windows are then there as a rule. Later ones have it added up again. */
export const ROLLUP_LAG_SECONDS = 2;
const BATCH = 200;

const DAY = 86_400;
/** Windows for a day, minutes for two, five minutes for a fortnight; hours for as long as is asked, days for good. */
const METRICS_KEPT: Omit<Retention, 3600> = { 0: WINDOWS_KEPT_SECONDS, 60: 2 * DAY, 300: 14 * DAY, 86_400: 0, late: 7 * DAY };
/** Every evaluation for this long, then one an hour. */
const EVALUATIONS_ALL_DAYS = 2;

export type MetricsKept = {
  readonly metrics: Retention;
  readonly evaluations: EvaluationRetention;
};

/** What is kept when hourly figures and drift evaluations are kept this many days. */
export const metricsKept = ({ hoursDays, evaluationsDays }: { readonly hoursDays: number; readonly evaluationsDays: number }): MetricsKept => ({
  metrics: { ...METRICS_KEPT, 3600: hoursDays * DAY },
  evaluations: { allDays: EVALUATIONS_ALL_DAYS, hourlyDays: evaluationsDays },
});

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
      await rollups.shareRollups();
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

/** Forgets metrics and drift evaluations that are past their time, a batch a transaction; metrics of held endpoints stay. */
export async function pruneOldMetrics(store: Store, kept: MetricsKept, heldEndpointIds: readonly string[] = []): Promise<void> {
  await untilFew(() => store.telemetry(({ rollups }) => rollups.pruneMetrics(kept.metrics, OPEN_STATES, PRUNE_ROWS, heldEndpointIds)));
  await untilFew(() => store.telemetry(({ monitors }) => monitors.pruneEvaluations(kept.evaluations, PRUNE_ROWS)));
}

async function untilFew(removeSome: () => Promise<number>): Promise<void> {
  while ((await removeSome()) >= PRUNE_ROWS);
}
