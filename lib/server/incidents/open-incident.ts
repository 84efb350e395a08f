import { z } from "zod";
import { openIncidentBody } from "#lib/contracts/incident-api.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { type IncidentState } from "#lib/domain/incident/incident.ts";
import { SOURCE_LABELS, type IncidentSource } from "#lib/domain/incident/harm.ts";
import { command, unchanged } from "../command.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget, UnitOfWork } from "../ports.ts";

export type OpenedIncident = { readonly id: string; readonly number: number; readonly state: IncidentState; readonly rowVersion: number };

/** Where it happened, with the ids that the names in the request stand for. */
export type IncidentPlace = {
  readonly environment: { readonly id: string; readonly name: string } | null;
  readonly endpoint: { readonly id: string; readonly name: string } | null;
  readonly model: { readonly id: string; readonly name: string; readonly jurisdictions: readonly string[]; readonly ownerId: string | null } | null;
  readonly version: { readonly id: string; readonly name: string; readonly digest: string } | null;
  readonly release: { readonly id: string; readonly number: number; readonly digest: string } | null;
};

const target = (type: string, one: { readonly id: string; readonly name: string } | null, digest: string | null = null): AuditTarget[] =>
  one === null ? [] : [{ type, id: one.id, name: one.name, digest }];

export const placeTargets = ({ environment, endpoint, model, version, release }: IncidentPlace): AuditTarget[] => [
  ...target("release", release === null ? null : { id: release.id, name: `Release ${String(release.number)}` }, release?.digest ?? null),
  ...target("endpoint", endpoint),
  ...target("environment", environment),
  ...target("model", model),
  ...target("version", version === null ? null : { id: version.id, name: `${model?.name ?? ""} ${version.name}`.trim() }, version?.digest ?? null),
];

const unknown = (field: string, message: string): AppError =>
  new AppError("invalid_input", message, { errors: [{ pointer: `/${field}`, message }] });

type Named = Pick<z.output<typeof openIncidentBody>, "endpoint" | "model" | "version" | "release">;

/** Finds what the request names; a release brings its endpoint, model and candidate along, an endpoint its model. */
export async function resolvePlace(tx: UnitOfWork, named: Named): Promise<IncidentPlace> {
  const record =
    named.release === undefined
      ? null
      : await tx.releases.getRelease({ number: named.release }).catch(missing("release", `There is no release ${String(named.release)}.`));
  const endpoint = await endpointOf(tx, named.endpoint ?? record?.endpointName);
  if (record !== null && endpoint?.id !== record.release.endpointId) {
    throw unknown("release", `Release ${String(record.number)} is of ${record.endpointName}.`);
  }
  const model = await modelOf(tx, named.model ?? endpoint?.modelName);
  if (endpoint !== null && model !== null && endpoint.modelId !== model.id) throw unknown("model", `${endpoint.name} does not serve ${model.name}.`);
  const version = await versionOf(tx, model, named.version ?? record?.candidateName);
  return {
    environment: endpoint?.environment ?? null,
    endpoint,
    model,
    version,
    release: record === null ? null : { id: record.release.id, number: record.number, digest: record.release.digest },
  };
}

const endpointOf = async (tx: UnitOfWork, name: string | undefined) =>
  name === undefined ? null : tx.endpoints.getEndpoint({ name }).catch(missing("endpoint", `There is no endpoint named ${name}.`));

async function modelOf(tx: UnitOfWork, name: string | undefined) {
  const model = name === undefined ? null : await tx.models.findModel(name);
  if (name !== undefined && model === null) throw unknown("model", `There is no model named ${name}.`);
  return model;
}

async function versionOf(tx: UnitOfWork, model: { readonly id: string } | null, name: string | undefined) {
  if (name === undefined) return null;
  const version = model === null ? null : await tx.models.findVersion(model.id, name);
  if (version === null) throw unknown("version", `There is no version ${name} of that model.`);
  return version;
}

const missing =
  (field: string, message: string) =>
  (error: unknown): never => {
    throw error instanceof AppError && error.code === notFound().code ? unknown(field, message) : error;
  };

const dateOrNull = (at: string | null): Date | null => (at === null ? null : new Date(at));

const placeIds = ({ environment, endpoint, model, version, release }: IncidentPlace) => ({
  modelId: model?.id ?? null,
  versionId: version?.id ?? null,
  endpointId: endpoint?.id ?? null,
  environmentId: environment?.id ?? null,
  releaseId: release?.id ?? null,
  ownerId: model?.ownerId ?? null,
});

export type IncidentOrigin = {
  readonly source: IncidentSource;
  /** Names the alert; while an incident for it is not closed, no other is opened. */
  readonly alertKey: string | null;
  readonly openedBy: string;
};

/**
 * Opens an incident in a transaction that another act has begun, such as an automatic roll back. Answers it with its entry for the trail.
 * Evidence that was preserved for the same release becomes the incident's.
 */
export async function openIncidentIn(
  tx: UnitOfWork,
  raw: z.input<typeof openIncidentBody>,
  place: IncidentPlace,
  origin: IncidentOrigin,
  now: Date,
): Promise<{ readonly incident: OpenedIncident; readonly audit: AuditDraft }> {
  const input = openIncidentBody.parse(raw);
  const id = newId();
  const awareAt = input.awareAt === undefined ? now : new Date(input.awareAt);
  const jurisdictions = input.jurisdictions ?? [...(place.model?.jurisdictions ?? [])];
  const { title, summary, severity, harms, lawRoles } = input;
  const number = await tx.incidents.insertIncident({
    ...{ id, title, summary, severity, harms, lawRoles, jurisdictions, awareAt },
    ...placeIds(place),
    state: "open",
    source: origin.source,
    occurredAt: dateOrNull(input.occurredAt),
    alertKey: origin.alertKey,
    windowFrom: dateOrNull(input.windowFrom),
    windowTo: dateOrNull(input.windowTo),
    openedBy: origin.openedBy,
  });
  await tx.incidents.insertIncidentEntry({ id: newId(), incidentId: id, at: now, kind: "opened", text: `${SOURCE_LABELS[origin.source]}. ${input.summary}`, by: origin.openedBy });
  if (place.release !== null) await tx.incidents.adoptPreserved(place.release.id, id);
  return {
    incident: { id, number, state: "open", rowVersion: 0 },
    audit: {
      action: "incident.opened",
      targets: [{ type: "incident", id, name: `Incident ${String(number)}`, digest: null }, ...placeTargets(place)],
      after: {
        title: input.title,
        severity: input.severity,
        source: origin.source,
        harms: input.harms,
        awareAt: awareAt.toISOString(),
        jurisdictions,
      },
    },
  };
}

/**
 * Opens an incident: by a person's hand, or by an alert that names itself with `alertKey` (then a second ring of the same alert finds the
 * incident that is open already). The one door for the monitors.
 */
export const openIncident = command({
  name: "open-incident",
  permission: "incident:open",
  input: openIncidentBody.extend({ alertKey: z.string().min(1).max(200).nullable().default(null) }),
  async locate({ tx, input }) {
    const place = await resolvePlace(tx, input);
    return { environmentId: place.environment?.id ?? null, targets: placeTargets(place), place };
  },
  async run({ tx, actor, input, now, located: { place } }) {
    const { alertKey, ...body } = input;
    if (alertKey !== null) {
      if (actor.type === "person") throw new AppError("invalid_input", "Only an alert names itself.", { errors: [{ pointer: "/alertKey", message: "Leave it out." }] });
      const standing = await tx.incidents.standingIncident({ alertKey });
      if (standing !== null) return unchanged<OpenedIncident>(standing);
    }
    if (body.awareAt !== undefined && new Date(body.awareAt) > now) {
      throw unknown("awareAt", "Nobody can have known of it later than now.");
    }
    const origin = { source: alertKey === null ? ("person" as const) : ("alert" as const), alertKey, openedBy: actor.name };
    const { incident, audit } = await openIncidentIn(tx, body, place, origin, now);
    return { result: incident, audit, forceCheckpoint: true };
  },
});
