import { z } from "zod";
import { decide } from "#lib/domain/release/decide.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { command, unchanged } from "../command.ts";
import type { ReleaseOutcome, ReleaseRecord } from "../db/release-repository.ts";
import type { RuntimeRecord } from "../db/runtime-repository.ts";
import { applyMove, releaseTargets } from "./apply-move.ts";
import { recordDrill } from "./drill-evidence.ts";
import { groundsOf } from "./grounds.ts";
import { observe } from "./observe.ts";
import { rebindRelease } from "./rebind-release.ts";

/** The measured end of a roll back: from the order to the last candidate response on the last runtime. */
export function rollbackOutcome(next: Release, runtimes: readonly RuntimeRecord[]): ReleaseOutcome {
  const { rollback } = next;
  if (!rollback || rollback.finishedAtMs === null) return {};
  const acks = runtimes.flatMap((runtime) => {
    const ack = runtime.acks?.endpoints.find(({ endpointId }) => endpointId === next.endpointId);
    const times = runtime.ackTimes[next.endpointId];
    return runtime.live && ack && times && times.epoch >= rollback.epoch ? [{ ack, times }] : [];
  });
  if (acks.length === 0) return {};
  const drained = acks.map(({ times }) => (times.drainedMs ?? times.appliedMs) - rollback.orderedAtMs);
  return {
    rollbackMs: Math.max(0, ...drained),
    lateResponses: acks.reduce((sum, { ack }) => sum + ack.lateResponses, 0),
  };
}

/**
 * One look at one release: decides from how things are, carries out at most one move. Safe to run twice, in two
 * replicas, after any crash; `fence` refuses a leader that was overtaken, inside the transaction that acts.
 */
export const reconcileRelease = command({
  name: "reconcile-release",
  permission: "release:advance",
  input: z.strictObject({
    releaseId: z.uuid(),
    fence: z.strictObject({ name: z.string(), holder: z.string(), token: z.bigint() }).nullable(),
  }),
  async locate({ tx, input }) {
    const record: ReleaseRecord = await tx.releases.lockRelease({ id: input.releaseId });
    return { environmentId: record.environmentId, targets: releaseTargets(record), record };
  },
  async run({ tx, actor, input, now, located: { record } }) {
    if (input.fence && (await tx.leases.isFenced(input.fence.name, input.fence.holder, input.fence.token))) {
      return unchanged({ moved: false, state: record.release.state });
    }
    const rebound = await rebindRelease(tx, record, "evidence");
    if (rebound !== null) return { result: { moved: true, state: record.release.state }, audit: rebound };
    const observed = await observe(tx, record, now, "decision");
    const decision = decide(record.release, observed.observation, now.getTime());
    if (decision.kind === "stay") return unchanged({ moved: false, state: record.release.state });
    const outcome = rollbackOutcome(decision.release, await tx.runtimes.listRuntimes(now));
    const applied = await applyMove(
      { tx, record, actorName: actor.name },
      decision,
      groundsOf(record, decision, observed, { personName: null, rollbackMs: outcome.rollbackMs ?? null }),
      outcome,
    );
    const drilled = await recordDrill(tx, record, decision.release, outcome.rollbackMs ?? null, now);
    const [entry, ...consequences] = applied.audit;
    return {
      result: { moved: true, state: decision.release.state },
      notify: ["desired-state"],
      ...applied,
      audit: [entry, ...consequences, ...drilled] as const,
    };
  },
});
