import type { z } from "zod";
import { pruneTextsBody, type pruningView } from "#lib/contracts/retention-api.ts";
import { KEPT_ACTIONS, PRUNING_ACTION } from "#lib/domain/audit/pruning.ts";
import { AppError } from "#lib/domain/errors.ts";
import { ruleWords } from "#lib/domain/governance/retention/record-classes.ts";
import { command, unchanged } from "../command.ts";
import { standings } from "./read-retention.ts";

/** So many texts go with one act: its transaction stays short. */
const MOST_TEXTS = 10_000;

/**
 * Takes the texts of entries away whose time is over. Leaf hashes, tree and checkpoints stay, so every proof stays valid; the act is an entry of its
 * own, in the same transaction. A hold on the trail, of whichever model, stops it: that is the safe side. Nothing prunes by itself.
 */
export const pruneTexts = command({
  name: "prune-texts",
  permission: "retention:manage",
  input: pruneTextsBody,
  async run({ tx, actor, input: { reason } }) {
    if (actor.userId === null) throw new AppError("forbidden", "Texts of the trail are pruned by a person.");
    const standing = (await standings(tx)).find(({ recordClass }) => recordClass === "audit_trail");
    const days = standing?.effectiveDays ?? null;
    if (standing === undefined || days === null) throw new AppError("conflict", "The audit trail is kept for good.");
    const hold = (await tx.retention.legalHolds({ inForce: true })).find(({ recordClass }) => recordClass === null || recordClass === "audit_trail");
    if (hold !== undefined) throw new AppError("conflict", `The audit trail is on legal hold: ${hold.name}.`, { hint: "Nothing of it is pruned until the hold is lifted." });
    const rule = ruleWords(standing);
    const pruned = await tx.retention.pruneTexts({ days, rule, kept: KEPT_ACTIONS, limit: MOST_TEXTS });
    const nothing: z.output<typeof pruningView> = { texts: 0, fromSeq: null, toSeq: null, rule, left: 0 };
    if (pruned === null) return unchanged(nothing);
    const { texts, fromSeq, toSeq, cutoff } = pruned;
    return {
      result: { texts, fromSeq, toSeq, rule, left: await tx.retention.prunableTexts(days, KEPT_ACTIONS) },
      audit: { action: PRUNING_ACTION, targets: [], after: { texts, fromSeq, toSeq, rule, days, cutoff }, reason },
      forceCheckpoint: true,
    };
  },
});
