import type { OnnxDim } from "../types.ts";

export const savedModelContainers = ["file", "zip", "tar", "tar.gz"] as const;
export type SavedModelContainer = (typeof savedModelContainers)[number];

/** One tensor of a signature. `dims` is null when the rank is unknown; `kind` tells tensors from what the protocol cannot carry. */
export type SavedModelTensor = {
  readonly key: string;
  readonly tensor: string;
  readonly kind: "tensor" | "sparse" | "composite";
  readonly dtype: string;
  readonly dims: readonly OnnxDim[] | null;
};

export type SavedModelSignature = {
  readonly key: string;
  readonly tags: readonly string[];
  readonly method: string;
  readonly inputs: readonly SavedModelTensor[];
  readonly outputs: readonly SavedModelTensor[];
};

export type SavedModelInspection = {
  readonly format: "savedmodel";
  readonly sizeBytes: number;
  readonly container: SavedModelContainer;
  readonly schemaVersion: number;
  readonly tensorflowVersion: string;
  readonly tagSets: readonly (readonly string[])[];
  readonly signatures: readonly SavedModelSignature[];
  /** The signature that serving uses: `serving_default` of the tag `serve`; null when there is none. */
  readonly served: string | null;
  /** Most used first; function bodies included. */
  readonly operators: readonly { readonly operator: string; readonly count: number }[];
  readonly nodeCount: number;
  readonly functionCount: number;
  /** Null when only the graph file came, so that nothing can be said. */
  readonly variables: { readonly isPresent: boolean; readonly files: number; readonly bytes: number } | null;
  readonly assetFiles: number;
  readonly entryCount: number;
};
