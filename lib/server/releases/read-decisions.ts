import { z } from "zod";
import type { DecisionExport } from "#lib/contracts/api/release-operations.ts";
import { query } from "../read.ts";
import { asJson } from "../content-digest.ts";
import { releaseTargets } from "./apply-move.ts";

/** Every decision of a release with the exact bytes it was made from, so that anybody can compute it again offline. */
export const readDecisions = query({
  name: "read-decisions",
  permission: "release:read",
  of: "one",
  input: z.union([z.uuid().transform((id) => ({ id })), z.string().regex(/^[1-9][0-9]{0,8}$/).transform((text) => ({ number: Number(text) }))]),
  async run({ db, input, authorise }): Promise<DecisionExport> {
    const record = await db.releases.getRelease(input);
    authorise({ environmentId: record.environmentId, targets: releaseTargets(record) });
    const decisions: DecisionExport["decisions"] = [];
    for (const decision of await db.releases.decisionsOf(record.release.id)) {
      const stored = await db.releases.decisionCounts(decision.id);
      decisions.push({
        id: decision.id,
        at: decision.at.toISOString(),
        from: decision.fromState,
        to: decision.toState,
        verdict: decision.verdict,
        sentence: decision.sentence,
        engineVersion: stored?.engineVersion ?? "",
        counts: stored?.counts ?? "null",
        countsSha256: decision.countsSha256,
        report: decision.report,
      });
    }
    return { format: "slipway.decisions/1", releaseId: record.release.id, number: record.number, plan: asJson(record.release.plan), decisions };
  },
});
