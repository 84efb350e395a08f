/** What MLflow clients see, as it is stored. */

export type MlflowTag = { readonly key: string; readonly value: string };
export type MlflowAlias = { readonly alias: string; readonly number: number };

export type MlflowVersion = {
  readonly id: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly number: number;
  /** Null: files that are elsewhere, or a try that failed. */
  readonly versionId: string | null;
  readonly status: string;
  readonly statusMessage: string | null;
  readonly source: string | null;
  readonly runId: string | null;
  readonly runLink: string | null;
  readonly description: string | null;
  readonly userName: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags: readonly MlflowTag[];
  readonly aliases: readonly string[];
};

export type MlflowModel = {
  readonly modelId: string;
  readonly name: string;
  /** The model's name here, which stands in addresses. */
  readonly slug: string;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags: readonly MlflowTag[];
  readonly aliases: readonly MlflowAlias[];
  readonly latest: MlflowVersion | null;
};

export type Pair = { readonly key: string; readonly value: string };
export type Point = { readonly key: string; readonly value: number; readonly timestamp: number; readonly step: number };

export type TrackingExperiment = { readonly id: number; readonly name: string; readonly tags: readonly Pair[]; readonly createdAt: Date };
export type TrackingRun = {
  readonly id: string;
  readonly experimentId: number;
  readonly name: string;
  readonly status: string;
  readonly startTimeMs: number;
  readonly endTimeMs: number | null;
  readonly userName: string;
  readonly params: readonly Pair[];
  readonly metrics: readonly Point[];
  readonly tags: readonly Pair[];
};
export type TrackingModel = {
  readonly id: string;
  readonly experimentId: number;
  readonly runId: string | null;
  readonly name: string;
  readonly status: string;
  readonly modelType: string | null;
  readonly params: readonly Pair[];
  readonly tags: readonly Pair[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
export type TrackingArtifact = { readonly path: string; readonly digest: string; readonly sizeBytes: number };

/** What a client tells about a run after it began; what is left out stays. */
export type RunChange = {
  readonly status?: string | null;
  readonly endTimeMs?: number | null;
  readonly name?: string | null;
  readonly params?: readonly Pair[];
  readonly metrics?: readonly Point[];
  readonly tags?: readonly Pair[];
};
