import { connectionTestEvent, registeredEvent, releaseEvent, type OpenLineageEvent } from "#lib/domain/lineage/open-lineage.ts";
import type { OutgoingEvent } from "#lib/domain/outgoing/events.ts";
import type { ReadModels } from "../ports.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";

const REGISTERED = "slipway.version.registered";

const targetId = ({ data }: OutgoingEvent, type: string): string | null => data.targets.find((target) => target.type === type)?.id ?? null;
const stateOf = ({ data }: OutgoingEvent): string | null => data.state ?? null;

/** Whether an entry is a step of lineage: a version that came in, or a release that changed its state. */
export const tellsLineage = (event: OutgoingEvent): boolean =>
  event.type === REGISTERED || (event.type.startsWith("slipway.release.") && stateOf(event) !== null && targetId(event, "release") !== null);

/** The entry as an OpenLineage run event; anything else, a test of the channel, as a run without data. Throws `not_found` when what it tells of is not there. */
export async function lineageMessage(db: ReadModels, event: OutgoingEvent, eventId: string): Promise<OpenLineageEvent> {
  const source = { publicUrl: event.source, productVersion: SLIPWAY_VERSION, eventTime: event.time };
  if (!tellsLineage(event)) return connectionTestEvent({ ...source, runId: eventId });
  if (event.type === REGISTERED) {
    const version = await db.models.getVersionById(targetId(event, "version") ?? "");
    const model = event.data.targets.find(({ type }) => type === "model")?.name ?? "";
    const { run, commit, dataset, datasetSha256 } = version.lineage;
    return registeredEvent({ ...source, runId: version.id }, { model, version: version.name, digest: version.digest, run, commit, dataset, datasetSha256 });
  }
  const record = await db.releases.getRelease({ id: targetId(event, "release") ?? "" });
  return releaseEvent(
    { ...source, runId: record.release.id },
    {
      number: record.number,
      endpoint: record.endpointName,
      environment: record.environmentName,
      state: stateOf(event) ?? record.release.state,
      candidate: { model: record.modelName, version: record.candidateName, digest: record.candidateDigest },
    },
  );
}
