import { judgeBake, type BakeCounts, type BakeReport } from "#lib/domain/release/bake.ts";
import { armTotal, type CanonicalCounts } from "#lib/domain/release/canonical-counts.ts";
import { bakeEnd, comparisonEnd } from "#lib/domain/release/deciding.ts";
import type { Plan } from "#lib/domain/release/plan.ts";
import { recompute, type VerdictReport } from "#lib/domain/release/verdict.ts";
import type { DecisionRecord } from "../db/release-repository.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";

type Reader = Pick<UnitOfWork, "releases"> | ReadModels;

/** The comparison as it stood in the decision that ended it. */
export type DecidedComparison = {
  readonly decision: DecisionRecord;
  readonly report: VerdictReport;
  readonly counts: CanonicalCounts;
};

const hasFormat = (value: unknown, format: string): boolean =>
  typeof value === "object" && value !== null && "format" in value && value.format === format;

async function storedCounts(db: Reader, decisionId: string): Promise<unknown> {
  const stored = await db.releases.decisionCounts(decisionId);
  return stored === null ? null : JSON.parse(stored.counts);
}

const isCounts = (value: unknown): value is CanonicalCounts => hasFormat(value, "slipway.counts/1");
const isBakeCounts = (value: unknown): value is BakeCounts => hasFormat(value, "slipway.bake-counts/1");

/** What the comparison was when it ended, computed again from the stored bytes; null while it goes on. */
export async function decidedComparison(
  db: Reader,
  plan: Plan,
  decisions: readonly DecisionRecord[],
): Promise<DecidedComparison | null> {
  const decision = comparisonEnd(decisions);
  if (!decision) return null;
  const counts = await storedCounts(db, decision.id);
  return isCounts(counts) ? { decision, counts, report: recompute(counts, plan) } : null;
}

/** The same for the watch after promotion. */
export async function decidedBake(
  db: Reader,
  plan: Plan,
  decisions: readonly DecisionRecord[],
): Promise<{ readonly report: BakeReport; readonly counts: BakeCounts } | null> {
  const decision = bakeEnd(decisions);
  const counts = decision ? await storedCounts(db, decision.id) : null;
  return isBakeCounts(counts) ? { counts, report: judgeBake(plan, counts) } : null;
}

/** Answers of the candidate that were reported after the decision; 0 when none. */
export const laterRequests = (decided: CanonicalCounts, all: CanonicalCounts): number =>
  Math.max(0, armTotal(all, "candidate").requests - armTotal(decided, "candidate").requests);
