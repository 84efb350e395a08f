import { createReleaseBody } from "#lib/contracts/release-api.ts";
import type { DryRunView } from "#lib/contracts/views/dry-run-view.ts";
import { ROLE_LABELS, type Role } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Moment } from "#lib/domain/governance/checklist/gates.ts";
import { dryRun, refusedDryRun, type DryRun } from "#lib/domain/release/dry-run.ts";
import { triggerText } from "#lib/domain/release/strategy-words.ts";
import { command, unchanged } from "../command.ts";
import { groundsOfRelease } from "../governance/load-grounds.ts";
import { recordPlanFacts } from "../governance/facts/release-facts.ts";
import { NO_BACK_TESTS } from "./back-test.ts";
import { locateEndpoint, makeDraft } from "./create-release.ts";
import { trafficOf } from "./endpoint-traffic.ts";
import { openRequirements } from "./open-requirements.ts";

/** No release has it: what carries it is taken back with its transaction. */
const NO_NUMBER = 0;
const roleWord = (role: string): string => (role in ROLE_LABELS ? ROLE_LABELS[role as Role] : role);

/**
 * What would happen if this release were made now. It is made, by the very code that makes releases, looked at, and taken back with its
 * transaction: nothing is kept, no number is used, nobody is notified.
 */
export const dryRunRelease = command({
  name: "dry-run-release",
  permission: "release:create",
  input: createReleaseBody,
  locate: locateEndpoint,
  async run({ tx, actor, input, now, located: { endpoint } }) {
    const asView = (found: DryRun): DryRunView => ({
      asOf: now.toISOString(),
      outcome: found.outcome,
      sentence: found.sentence,
      lines: found.lines.map((line) => ({ ...line })),
      startsAt: found.startsAtMs === null ? null : new Date(found.startsAtMs).toISOString(),
      shortestSeconds: found.shortestSeconds === null ? null : Math.round(found.shortestSeconds),
      supersedesNumber: null,
      triggers: [],
    });
    const open = await tx.releases.openReleaseOf(endpoint.id);
    const made = await makeDraft({ tx, actor, now }, { ...input, submit: false }, endpoint, NO_NUMBER).catch((error: unknown) => {
      if (error instanceof AppError && error.code !== "forbidden") return error;
      throw error;
    });
    if (made instanceof AppError) {
      const details = made.errors.map(({ pointer, message }) => `${pointer}: ${message}`);
      return unchanged(asView(refusedDryRun(made.message, details, made.hint ?? null)));
    }
    const { release, record, candidate, terms } = made;
    // What the plan itself is evidence of, as it will be when the release is made.
    await recordPlanFacts(tx, record, now);
    const grounds = await groundsOfRelease(tx, record, now);
    const openAt = (moment: Moment) => openRequirements(candidate, endpoint.environment.policy, grounds, moment);
    const found = dryRun({
      plan: release.plan,
      nowMs: now.getTime(),
      startsAtMs: release.startsAtMs ?? null,
      approvals: { ...terms, approverRoles: terms.approverRoles.map(roleWord), rolesNeeded: terms.rolesNeeded.map(roleWord) },
      open: { submit: openAt("submit"), firstTraffic: openAt("first_traffic"), firstWeight: openAt("first_weight") },
      freezeWindows: endpoint.environment.policy.freezeWindows,
      traffic: await trafficOf(tx, endpoint, now),
    });
    const { tests, hours } = record.outcome?.backTests ?? NO_BACK_TESTS;
    return unchanged<DryRunView>({
      ...asView(found),
      supersedesNumber: open?.number ?? null,
      triggers: tests.map(({ trigger, firings, intervals }) => ({ text: triggerText(trigger), firings, intervals, hours })),
    });
  },
});
