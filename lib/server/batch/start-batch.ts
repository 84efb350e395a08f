import type { z } from "zod";
import type { createBatchChangeBody, createBatchJobBody } from "#lib/contracts/batch.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import { personActor } from "../auth/actors.ts";
import { policyActor, type Actor } from "../ports.ts";
import { createBatchChange, createBatchJob } from "./create-batch-job.ts";
import type { BatchParts } from "./receive-input.ts";
import { resolveSource, type BatchPlaces } from "./resolve-source.ts";
import { claimBatchRun } from "./schedules.ts";

export type BatchDesk = BatchParts & { readonly places: BatchPlaces };

/** Brings the input in where it is not in the store yet, and begins the job. */
export async function startBatchJob(
  desk: BatchDesk,
  actor: Actor,
  body: z.input<typeof createBatchJobBody> & { readonly scheduleId?: string },
): ReturnType<ReturnType<typeof createBatchJob>> {
  authorise(actor, "batch:run", null);
  const digest = await resolveSource(desk, desk.places, actor, body.source, new Date());
  return createBatchJob(desk.store)(actor, { ...body, source: { kind: "upload", digest } });
}

/** The same for the comparison of two versions. */
export async function startBatchChange(
  desk: BatchDesk,
  actor: Actor,
  body: z.input<typeof createBatchChangeBody>,
): ReturnType<ReturnType<typeof createBatchChange>> {
  authorise(actor, "release:create", null);
  const digest = await resolveSource(desk, desk.places, actor, body.source, new Date());
  return createBatchChange(desk.store)(actor, { ...body, source: { kind: "upload", digest } });
}

/**
 * Begins the jobs whose time has come, with the rights that whoever made the schedule has now: who has lost them, or left, starts nothing.
 * A run is claimed first, so that two replicas do not start it twice; a run that fails to start is told on the schedule.
 */
export async function startDueSchedules(desk: BatchDesk): Promise<void> {
  const { store } = desk;
  for (const scheduleId of await store.read((db) => db.batchSchedules.dueSchedules())) {
    if (!(await claimBatchRun(store)(policyActor("Batch schedule"), { scheduleId }))) continue;
    const schedule = await store.read((db) => db.batchSchedules.getSchedule(scheduleId));
    try {
      const endpoint = await store.read((db) => db.endpoints.getEndpoint({ id: schedule.endpointId }));
      const person = await store.read((db) => db.people.getPerson(schedule.createdById));
      if (person.disabledAt !== null) throw new AppError("forbidden", `${person.name} has no access any more.`);
      const { source, mapping, idColumn, outputName, outputFormat, failureLimitBp } = schedule;
      await startBatchJob(desk, personActor(person, "schedule", null, policyActor().context), {
        endpoint: endpoint.name,
        source,
        mapping,
        idColumn,
        outputName,
        outputFormat,
        failureLimitBp,
        scheduleId,
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await store.telemetry((telemetry) => telemetry.batchWork.noteScheduleProblem(scheduleId, error.message));
    }
  }
}
