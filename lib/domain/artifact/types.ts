import type { PickleInspection } from "./pickle/types.ts";
import type { PmmlInspection } from "./pmml/types.ts";
import type { SavedModelInspection } from "./savedmodel/types.ts";

/**
 * What Slipway knows about a model file without ever running it. All of these are plain JSON:
 * they are stored with the version, sent over the API (`lib/contracts/artifact.ts`) and shown on the register screen.
 */

/** Open Inference Protocol v2 tensor datatypes that a bundled runtime can carry. */
export const oipDatatypes = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;
export type OipDatatype = (typeof oipDatatypes)[number];

/** One tensor of the public signature. `shape` has -1 where the size varies; `dimNames` runs beside it (null = no name). */
export type TensorSignature = {
  readonly name: string;
  readonly datatype: OipDatatype;
  readonly shape: readonly number[];
  readonly dimNames: readonly (string | null)[];
};

export type ModelSignature = {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
};

/** `passed` and `note` inform, `warn` asks for a look, `block` refuses registration until it is gone. */
export const findingSeverities = ["block", "warn", "note", "passed"] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

/** One row of the findings table: a short `title`, the fact in `message`, what to do in `hint` (null when nothing). */
export type Finding = {
  readonly code: string;
  readonly severity: FindingSeverity;
  readonly title: string;
  readonly message: string;
  readonly hint: string | null;
};

/** Fixed size, named free size, or free size without a name. */
export type OnnxDim =
  | { readonly kind: "fixed"; readonly size: number }
  | { readonly kind: "free"; readonly name: string | null };

export const onnxValueKinds = [
  "tensor",
  "sparse_tensor",
  "sequence",
  "map",
  "optional",
  "opaque",
  "unknown",
] as const;
export type OnnxValueKind = (typeof onnxValueKinds)[number];

/** A graph input or output. `dims` is null when the file declares no shape; `elementType` when it declares none. */
export type OnnxValue = {
  readonly name: string;
  readonly kind: OnnxValueKind;
  readonly elementType: string | null;
  readonly dims: readonly OnnxDim[] | null;
};

export type OnnxOpset = { readonly domain: string; readonly version: number };
/** `domain` is `ai.onnx` for the default domain. */
export type OnnxOperator = {
  readonly domain: string;
  readonly operator: string;
  readonly count: number;
};
export type OnnxParameterCount = { readonly elementType: string; readonly count: number };
/** A file the model reads its weights from; `usedBytes` is the end of the furthest range any tensor names. */
export type OnnxExternalFile = {
  readonly name: string;
  readonly tensors: number;
  readonly usedBytes: number;
};

export type OnnxInspection = {
  readonly format: "onnx";
  readonly sizeBytes: number;
  readonly irVersion: number;
  readonly opsets: readonly OnnxOpset[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  /** int64 in the file, so decimal text here. */
  readonly modelVersion: string;
  readonly docString: string;
  readonly graphName: string;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  /** graph.input without those that only name an initialiser. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Most used first; subgraphs and function bodies included. */
  readonly operators: readonly OnnxOperator[];
  readonly nodeCount: number;
  readonly functionCount: number;
  /** Values held by initialisers, by declared dims. */
  readonly parameterCount: number;
  readonly parametersByType: readonly OnnxParameterCount[];
  /** Numbers held in operator attributes: where tree ensembles and linear models of ai.onnx.ml keep what they learnt. */
  readonly attributeNumberCount: number;
  /** Bytes of initialisers inside the file and in external files together. */
  readonly initialiserBytes: number;
  readonly externalFiles: readonly OnnxExternalFile[];
  /** Column names by input, from the metadata entry `slipway.features`; null when it has none. */
  readonly features: Readonly<Record<string, readonly string[]>> | null;
};

/** What was read of an artifact, by its format. */
export type ArtifactInspection =
  | OnnxInspection
  | PmmlInspection
  | SavedModelInspection
  | PickleInspection;

/** Why a file cannot be read at all: what is wrong, where, and what to do. Never thrown across the surface. */
export type ArtifactRefusal = {
  readonly code: ArtifactRefusalCode;
  readonly message: string;
  readonly hint: string | null;
  /** First byte of the thing that is wrong; null when it is the file as a whole. */
  readonly byteOffset: number | null;
};

export const artifactRefusalCodes = [
  "artifact_empty",
  "artifact_too_large",
  "artifact_format_unsupported",
  "artifact_truncated",
  "artifact_malformed",
  "artifact_limit_exceeded",
  "artifact_unreadable",
  "artifact_forbidden",
] as const;
export type ArtifactRefusalCode = (typeof artifactRefusalCodes)[number];

export type InspectionResult =
  | {
      readonly ok: true;
      readonly inspection: OnnxInspection;
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly refusal: ArtifactRefusal };

/**
 * Random access to the bytes of a file, so that the domain needs no file system.
 * `read` answers exactly `length` bytes (fewer only past the end) and the view is valid until the next `read`.
 */
export type ByteSource = {
  readonly size: number;
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
};

/** A file uploaded beside the model, by the bare name that the model may refer to. */
export type ExternalFile = { readonly name: string; readonly sizeBytes: number };
