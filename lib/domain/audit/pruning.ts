import type { AuditLeaf } from "./leaf.ts";

/**
 * Texts of old entries may be pruned; their hashes stay, so every proof stays valid. What must not happen is that a text is missing and nobody says
 * why: each missing text must be told of by an act of pruning, which is itself an entry. Here that is counted.
 */

export const PRUNING_ACTION = "audit.texts_pruned";

/** Acts whose texts are never pruned: answers about later moments are read from them, or they tell of keeping and pruning itself. */
export const KEPT_ACTIONS: readonly string[] = [
  PRUNING_ACTION, "audit.key_rotated", "retention.rule_changed", "hold.placed", "hold.lifted",
  "environment.created", "environment.policy_changed", "role.granted", "role.revoked", "user.disabled", "user.enabled",
  "release.plan_changed", "release.break_glass_used",
];

/** What an act of pruning says of itself. */
export type PruningAct = {
  readonly seq: number;
  /** Texts in [fromSeq, toSeq); others in between were kept. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly texts: number;
  readonly rule: string;
  readonly at: string;
};

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** Of an entry that tells of pruning; null for every other, and for one that tells of entries after itself. */
export function pruningActOf(seq: number, leaf: Pick<AuditLeaf, "action" | "outcome" | "after" | "ts">): PruningAct | null {
  if (leaf.action !== PRUNING_ACTION || leaf.outcome !== "ok") return null;
  const { fromSeq, toSeq, texts, rule } = leaf.after ?? {};
  if (!isCount(fromSeq) || !isCount(toSeq) || !isCount(texts) || typeof rule !== "string" || toSeq > seq) return null;
  return { seq, fromSeq, toSeq, texts, rule, at: leaf.ts };
}

type Range = { readonly from: number; to: number };

/** Missing texts, met in ascending order; kept as ranges, since pruned entries mostly stand side by side. */
export type MissingTexts = { readonly ranges: Range[]; count: number };

export const noneMissing = (): MissingTexts => ({ ranges: [], count: 0 });

/** Notes that the text of this entry is not there. */
export function noteMissing(missing: MissingTexts, seq: number): void {
  const last = missing.ranges.at(-1);
  if (last?.to === seq) last.to = seq + 1;
  else missing.ranges.push({ from: seq, to: seq + 1 });
  missing.count += 1;
}

/** Why the missing texts are not what the acts of pruning tell of; null when they are. `seq`: the first that no act names, where it is one. */
export function unexplained(missing: MissingTexts, acts: readonly PruningAct[]): { readonly seq: number | null; readonly message: string } | null {
  const told: Range[] = [];
  for (const { fromSeq, toSeq } of [...acts].sort((a, b) => a.fromSeq - b.fromSeq)) {
    const last = told.at(-1);
    if (last !== undefined && fromSeq <= last.to) last.to = Math.max(last.to, toSeq);
    else told.push({ from: fromSeq, to: toSeq });
  }
  let at = 0;
  for (const { from, to } of missing.ranges) {
    while ((told[at]?.to ?? Infinity) <= from) at += 1;
    const act = told[at];
    const seq = act === undefined || act.from > from ? from : act.to < to ? act.to : null;
    if (seq !== null) return { seq, message: `the text of entry ${seq} is missing, and no act of pruning tells of it` };
  }
  const most = acts.reduce((sum, { texts }) => sum + texts, 0);
  return missing.count > most
    ? { seq: null, message: `the texts of ${missing.count} entries are missing, but acts of pruning tell of ${most}` }
    : null;
}
