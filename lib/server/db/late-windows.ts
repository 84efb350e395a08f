import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { periodOfReport } from "#lib/contracts/window-period.ts";
import { periodDifference } from "#lib/domain/drift/period-difference.ts";
import { mergePeriods, type PeriodCounts } from "#lib/domain/drift/period.ts";
import type { Prisma } from "./generated/client.ts";
import { saveRollups } from "./rollup-repository.ts";
import { GRAINS, keyText, periodOf, type PeriodKey } from "./rollup-due.ts";
import { periodOfRollup, periodOfWindow, type BaseRow, type RollupRow } from "./rollup-rows.ts";

type Db = Prisma.TransactionClient;

/** What late windows bring that no stored sum has yet. */
export type LateShare = { readonly window: WindowReport; readonly isNew: boolean; readonly added: PeriodCounts };

type Known = BaseRow & { readonly at: number; readonly seq: bigint };

const nameOf = ({ endpointId, versionId, arm, epoch, windowStart }: WindowReport): string => [endpointId, versionId, arm, epoch, Date.parse(windowStart)].join(" ");

/** What is new in these windows of one boot, beside the newest state of each that is stored. To be asked before they are saved, under `holdRollups`. */
export async function lateShares(db: Db, bootId: string, windows: readonly WindowReport[]): Promise<LateShare[]> {
  const newest = new Map<string, WindowReport>();
  for (const window of windows) {
    const other = newest.get(nameOf(window));
    if (other === undefined || window.seq > other.seq) newest.set(nameOf(window), window);
  }
  const late = [...newest.values()];
  const keys = late.map(({ endpointId, versionId, arm, epoch, windowStart }, at) => ({ at, endpointId, versionId, arm, epoch, windowStart }));
  const rows = await db.$queryRaw<Known[]>`
    SELECT k."at", w."seq", w."requests", w."errors", w."refused", w."labelsReceived", w."labelsWrong", w."counts" - 'firstBad' AS "counts", w."binned"
    FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k("at" int, "endpointId" text, "versionId" text, "arm" text, "epoch" bigint, "windowStart" timestamptz)
    JOIN "MetricWindow" w ON w."bootId" = ${bootId}::uuid AND w."endpointId" = k."endpointId"::uuid AND w."versionId" = k."versionId"::uuid
      AND w."arm" = k."arm" AND w."epoch" = k."epoch" AND w."windowStart" = k."windowStart"`;
  const known = new Map(rows.map((row) => [row.at, row]));
  return late.flatMap((window, at): LateShare[] => {
    const before = known.get(at);
    if (before === undefined) return [{ window, isNew: true, added: periodOfReport(window) }];
    if (BigInt(window.seq) <= before.seq) return [];
    return [{ window, isNew: false, added: periodDifference(periodOfReport(window), periodOfWindow(before)) }];
  });
}

type Stored = RollupRow & { readonly at: number; readonly inputs: number };

/** Adds to the stored sums of every grain: none of them is worked out again from finer ones, which may be gone as well. */
export async function addLateShares(db: Db, shares: readonly LateShare[]): Promise<void> {
  const additions = new Map<string, { key: PeriodKey; inputs: number; parts: PeriodCounts[] }>();
  for (const { window, isNew, added } of shares) {
    for (const grain of GRAINS) {
      const key = periodOf(window, grain);
      const entry = additions.get(keyText(key)) ?? { key, inputs: 0, parts: [] };
      // Only minutes are made of windows. How many parts of a longer stretch there ever were is not known any more.
      if (isNew && grain === GRAINS[0]) entry.inputs += 1;
      entry.parts.push(added);
      additions.set(keyText(key), entry);
    }
  }
  const wanted = [...additions.values()];
  const keys = wanted.map(({ key }, at) => ({ ...key, at }));
  const rows = await db.$queryRaw<Stored[]>`
    SELECT k."at", r."inputs", r."requests", r."errors", r."refused", r."labelsReceived", r."labelsWrong", r."counts", r."binned"
    FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k("at" int, "endpointId" text, "versionId" text, "arm" text, "grainSeconds" int, "periodStart" timestamptz)
    JOIN "MetricRollup" r ON r."endpointId" = k."endpointId"::uuid AND r."versionId" = k."versionId"::uuid AND r."arm" = k."arm"
      AND r."grainSeconds" = k."grainSeconds" AND r."periodStart" = k."periodStart"`;
  const stored = new Map(rows.map((row) => [row.at, row]));
  await saveRollups(
    db,
    wanted.map(({ key, inputs, parts }, at) => {
      const before = stored.get(at);
      if (before === undefined) return { key, inputs: Math.max(1, inputs), period: mergePeriods(parts) };
      return { key, inputs: before.inputs + inputs, period: mergePeriods([periodOfRollup(before), ...parts]) };
    }),
  );
}
