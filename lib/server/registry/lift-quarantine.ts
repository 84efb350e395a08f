import { liftQuarantineBody, slug, versionName } from "#lib/contracts/registry-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { profileInputs } from "./record-job-result.ts";

/** Live runtimes that gave a version up after its model host ended again and again. */
export async function quarantinedOn(db: Pick<ReadModels | UnitOfWork, "runtimes">, versionId: string, now: Date): Promise<string[]> {
  const runtimes = await db.runtimes.listRuntimes(now);
  return runtimes.filter(({ live, acks }) => live && acks?.versions.some((one) => one.versionId === versionId && one.quarantine !== null && one.quarantine !== undefined)).map(({ name }) => name);
}

/**
 * A person has a quarantined version tried again: one that broke its sandbox is profiled anew and counts as registered until that is through, and runtimes
 * that gave it up start it anew. Three deaths more, and it is quarantined again.
 */
export const liftQuarantine = command({
  name: "lift-quarantine",
  permission: "version:quarantine",
  input: liftQuarantineBody.extend({ model: slug, version: versionName }),
  async run({ tx, actor, input, now }) {
    if (actor.userId === null) throw new AppError("forbidden", "Only a person can lift a quarantine.");
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    const runtimes = await quarantinedOn(tx, version.id, now);
    const isSandboxed = version.state === "quarantined";
    if (!isSandboxed && runtimes.length === 0) throw new AppError("conflict", `${model.name} ${version.name} is not quarantined.`);
    await tx.models.saveVersionState(version, { state: isSandboxed ? "registered" : version.state, lifted: true }, now);
    const jobId = newId();
    if (isSandboxed) await tx.jobs.enqueueJob({ id: jobId, kind: "profile_version", versionId: version.id, inputs: profileInputs(version), createdById: actor.userId });
    await tx.desired.bumpDesiredRevision();
    return {
      result: { version: version.name, state: isSandboxed ? "registered" : version.state, runtimes },
      notify: ["desired-state"],
      audit: {
        action: "version.quarantine_lifted",
        targets: [
          { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
          { type: "model", id: model.id, name: model.name, digest: null },
        ],
        reason: input.reason,
        before: { state: version.state, quarantinedAt: version.quarantinedAt?.toISOString() ?? null },
        after: { runtimes, sandboxRun: isSandboxed ? jobId : null },
      },
    };
  },
});
