import { Cron } from "croner";
import { z } from "zod";
import { createBatchScheduleBody } from "#lib/contracts/batch.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget } from "../ports.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

/** The next time after `now`, or null when there is none. Throws `invalid_input` for what is no cron expression. */
export function nextRun(cron: string, timeZone: string, now: Date): Date | null {
  try {
    if (cron.trim().split(/\s+/).length !== 5) throw new Error("five fields");
    return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(now);
  } catch (cause) {
    throw new AppError("invalid_input", `${cron} is not a schedule of five fields, or ${timeZone} is not a time zone.`, {
      hint: "Minute, hour, day, month, weekday: 0 3 * * 1-5 is three in the morning from Monday to Friday.",
      errors: [{ pointer: "/cron", message: "Not a schedule." }],
      cause,
    });
  }
}

const scheduleTarget = (id: string, cron: string): AuditTarget => ({ type: "batch_schedule", id, name: cron, digest: null });

export const createBatchSchedule = command({
  name: "create-batch-schedule",
  permission: "batch:run",
  input: createBatchScheduleBody,
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A schedule needs a person behind it.");
    const nextAt = nextRun(input.cron, input.timeZone, now);
    const id = newId();
    const { endpoint: _name, ...settings } = input;
    await tx.batchSchedules.insertSchedule({ ...settings, id, endpointId: endpoint.id, nextAt, createdById: actor.userId, createdBy: actor.name });
    return {
      result: { id, nextAt: nextAt?.toISOString() ?? null },
      audit: {
        action: "batch.schedule_created",
        targets: [scheduleTarget(id, input.cron), ...targets],
        after: { cron: input.cron, timeZone: input.timeZone, source: input.source },
      },
    };
  },
});

/** Starts or stops the clock of a schedule. Runs that were missed while it was off are not made up for. */
export const switchBatchSchedule = command({
  name: "switch-batch-schedule",
  permission: "batch:run",
  input: z.strictObject({ scheduleId: z.uuid(), enabled: z.boolean() }),
  async locate({ tx, input }) {
    const schedule = await tx.batchSchedules.getSchedule(input.scheduleId);
    return { ...(await locateEndpoint(tx, { id: schedule.endpointId })), schedule };
  },
  async run({ tx, input, now, located: { schedule, targets } }) {
    if (schedule.enabled === input.enabled) return unchanged({ id: schedule.id, enabled: schedule.enabled });
    const nextAt = input.enabled ? nextRun(schedule.cron, schedule.timeZone, now) : null;
    await tx.batchSchedules.saveSchedule(schedule, { enabled: input.enabled, nextAt });
    return {
      result: { id: schedule.id, enabled: input.enabled },
      audit: {
        action: input.enabled ? "batch.schedule_enabled" : "batch.schedule_disabled",
        targets: [scheduleTarget(schedule.id, schedule.cron), ...targets],
      },
    };
  },
});

/** Claims the next run of a due schedule for whoever asks first, by moving its clock on. Null when it is not due any more. */
export const claimBatchRun = command({
  name: "claim-batch-run",
  permission: "batch:run",
  input: z.strictObject({ scheduleId: z.uuid() }),
  async locate({ tx, input }) {
    const schedule = await tx.batchSchedules.getSchedule(input.scheduleId);
    return { ...(await locateEndpoint(tx, { id: schedule.endpointId })), schedule };
  },
  async run({ tx, now, located: { schedule, targets } }) {
    if (!schedule.enabled || schedule.nextAt === null || schedule.nextAt > now) return unchanged(false);
    await tx.batchSchedules.saveSchedule(schedule, { lastAt: now, nextAt: nextRun(schedule.cron, schedule.timeZone, now), lastProblem: null });
    return {
      result: true,
      audit: { action: "batch.schedule_due", targets: [scheduleTarget(schedule.id, schedule.cron), ...targets], after: { dueAt: schedule.nextAt.toISOString() } },
    };
  },
});
