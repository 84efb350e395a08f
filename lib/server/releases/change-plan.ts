import { z } from "zod";
import { changePlanBody } from "#lib/contracts/release-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { applyPersonEvent } from "#lib/domain/release/person-event.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import { recordPlanFacts } from "../governance/facts/release-facts.ts";
import { applyMove, releaseTargets } from "./apply-move.ts";
import { backTests } from "./back-test.ts";
import { presentDigest } from "./bound-digest.ts";
import { groundsOf } from "./grounds.ts";
import { observe } from "./observe.ts";
import { personRefused } from "./person-refused.ts";
import { checkedPlan } from "./plan-for.ts";

/** Another plan before the start: it has another digest, so what was signed for the old one is void. */
export const changePlan = command({
  name: "change-release-plan",
  permission: "release:create",
  input: z.strictObject({ releaseId: z.uuid(), expectedRowVersion: z.number().int().nonnegative().nullable(), body: changePlanBody }),
  async locate({ tx, input }) {
    const record: ReleaseRecord = await tx.releases.lockRelease({ id: input.releaseId });
    return { environmentId: record.environmentId, targets: releaseTargets(record), record };
  },
  async run({ tx, actor, input, now, located: { record } }) {
    if (actor.personId === null) throw new AppError("forbidden", "This act needs a person.");
    if (input.expectedRowVersion !== null && input.expectedRowVersion !== record.rowVersion) {
      throw new AppError("stale_version", `Release ${record.number} moved on while you were looking.`, { hint: "Look at it again, then decide." });
    }
    const { release } = record;
    const { environment } = await tx.endpoints.getEndpoint({ id: release.endpointId });
    const { riskTier } = await tx.models.getModel(record.modelName);
    const plan = checkedPlan(input.body.plan, release.plan.strategy, { ...environment, riskTier });
    const planDigest = contentDigest(asJson(plan));
    const digest = await presentDigest(tx, { ...record, planDigest });
    const { startAt } = input.body;
    const startsAtMs = startAt === undefined ? (release.startsAtMs ?? null) : startAt === null ? null : Date.parse(startAt);
    const observed = await observe(tx, record, now);
    const event = { type: "change_plan", by: actor.personId, plan, digest, startsAtMs, reason: input.body.reason } as const;
    const step = applyPersonEvent(release, event, observed.observation, now.getTime());
    if (!step.ok) throw personRefused(step.refusal);
    const isOther = planDigest !== record.planDigest;
    const voided = isOther ? await tx.releases.voidApprovals(release.id, "The plan was changed after signing.") : [];
    const applied = await applyMove(
      { tx, record, actorName: actor.name },
      step.move,
      groundsOf(record, step.move, observed, { personName: actor.name, rollbackMs: null }),
      { backTests: await backTests(tx, { endpointId: release.endpointId, versionId: release.stableVersionId }, plan, now) },
    );
    await tx.releases.savePlan(release.id, plan, planDigest);
    const planned = isOther ? await recordPlanFacts(tx, await tx.releases.getRelease({ id: release.id }), now) : [];
    const [entry, ...rest] = applied.audit;
    const changed = {
      ...entry,
      before: { ...entry.before, plan: asJson(release.plan), planDigest: record.planDigest },
      after: { ...entry.after, plan: asJson(plan), planDigest, boundDigest: digest, voidedApprovals: voided.map(({ signedName }) => signedName) },
    };
    return {
      result: { id: release.id, number: record.number, state: step.move.release.state, rowVersion: record.rowVersion + 1 },
      audit: [changed, ...rest, ...planned],
      forceCheckpoint: applied.forceCheckpoint,
    };
  },
});
