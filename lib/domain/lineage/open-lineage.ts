/** OpenLineage run events (spec 2-0-2) of registering a version and of the ends of a release, for data catalogues. Pure: ids and times come in. */

const SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

export type LineageSource = {
  /** Address of this installation: the namespace of its jobs and data sets. */
  readonly publicUrl: string;
  readonly productVersion: string;
  /** When it happened, RFC 3339 in UTC. */
  readonly eventTime: string;
  /** UUID of the run: the same for all events of one release. */
  readonly runId: string;
};

type Dataset = { readonly namespace: string; readonly name: string; readonly facets: Readonly<Record<string, unknown>> };
export type OpenLineageEvent = {
  readonly eventType: "START" | "RUNNING" | "COMPLETE" | "FAIL" | "ABORT" | "OTHER";
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Readonly<Record<string, unknown>> };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Readonly<Record<string, unknown>> };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
};

const facet = (producer: string, name: string, content: Readonly<Record<string, unknown>>) => ({
  _producer: producer, _schemaURL: `${producer}#${name}`, ...content,
});

export type RegisteredVersion = {
  readonly model: string;
  readonly version: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  readonly run: string | null;
  readonly commit: string | null;
  readonly dataset: string | null;
  readonly datasetSha256: string | null;
};

function frame({ publicUrl, productVersion, eventTime, runId }: LineageSource, job: string, facets: Readonly<Record<string, unknown>>) {
  const producer = `${publicUrl}/docs/api`;
  return {
    producer,
    base: {
      eventTime, producer, schemaURL: SCHEMA,
      run: { runId, facets: { processing_engine: facet(producer, "ProcessingEngineRunFacet", { name: "Slipway", version: productVersion }), ...facets } },
      job: { namespace: publicUrl, name: job, facets: { jobType: facet(producer, "JobTypeJobFacet", { processingType: "BATCH", integration: "SLIPWAY", jobType: "MODEL" }) } },
    },
  };
}

const modelDataset = (publicUrl: string, producer: string, { model, version, digest }: Pick<RegisteredVersion, "model" | "version" | "digest">): Dataset => ({
  namespace: publicUrl,
  name: `models/${model}`,
  facets: { version: facet(producer, "DatasetVersionDatasetFacet", { datasetVersion: `${version} ${digest}` }) },
});

/** Training data in, version out. */
export function registeredEvent(source: LineageSource, registered: RegisteredVersion): OpenLineageEvent {
  const { producer, base } = frame(source, `register.${registered.model}`, {});
  const { dataset, datasetSha256, run, commit } = registered;
  const trained: readonly Dataset[] = dataset === null ? [] : [{
    namespace: source.publicUrl, name: dataset,
    facets: datasetSha256 === null ? {} : { version: facet(producer, "DatasetVersionDatasetFacet", { datasetVersion: `sha256:${datasetSha256}` }) },
  }];
  const origin = facet(producer, "SlipwayTrainingRunFacet", { trainingRun: run, commit });
  return {
    ...base, eventType: "COMPLETE", inputs: trained, outputs: [modelDataset(source.publicUrl, producer, registered)],
    run: { ...base.run, facets: { ...base.run.facets, ...(run === null && commit === null ? {} : { slipway_training: origin }) } },
  };
}

/** A run that says nothing of any data: to see whether a catalogue takes events. */
export function connectionTestEvent(source: LineageSource): OpenLineageEvent {
  return { ...frame(source, "connection-test", {}).base, eventType: "OTHER", inputs: [], outputs: [] };
}

export type ReleaseStep = {
  readonly number: number;
  readonly endpoint: string;
  readonly environment: string;
  readonly state: string;
  readonly candidate: Pick<RegisteredVersion, "model" | "version" | "digest">;
};

/** States of a release as a catalogue knows them; what is under way is RUNNING. */
const EVENT_TYPES: Readonly<Record<string, OpenLineageEvent["eventType"]>> = {
  PROVISIONING: "START", COMPLETED: "COMPLETE", ROLLED_BACK: "FAIL", ABORTED: "ABORT", REJECTED: "ABORT", EXPIRED: "ABORT", CANCELLED: "ABORT", SUPERSEDED: "ABORT",
};

/** Version in, endpoint out, with the state the release is in. */
export function releaseEvent(source: LineageSource, step: ReleaseStep): OpenLineageEvent {
  const { producer, base } = frame(source, `release.${step.endpoint}`, {});
  const release = facet(producer, "SlipwayReleaseFacet", { number: step.number, state: step.state, environment: step.environment, url: `${source.publicUrl}/releases/${step.number}` });
  return {
    ...base,
    eventType: EVENT_TYPES[step.state] ?? "RUNNING",
    run: { ...base.run, facets: { ...base.run.facets, slipway_release: release } },
    inputs: [modelDataset(source.publicUrl, producer, step.candidate)],
    outputs: [{ namespace: source.publicUrl, name: `endpoints/${step.endpoint}`, facets: {} }],
  };
}
