import type { OnnxOpset, OnnxValue } from "./types.ts";

/** Bounds on what one ONNX file may hold. Far above honest models, low enough that reading stays cheap. */
export type OnnxLimits = {
  readonly maxNodes: number;
  readonly maxTensors: number;
  readonly maxGraphInputs: number;
  readonly maxOperatorKinds: number;
  readonly maxEntries: number;
  readonly maxDims: number;
};

export const defaultOnnxLimits: OnnxLimits = {
  maxNodes: 200_000,
  maxTensors: 400_000,
  maxGraphInputs: 200_000,
  maxOperatorKinds: 10_000,
  maxEntries: 1000,
  maxDims: 64,
};

/** What an external reference asks of the file it names. `endBytes` is null when nothing more than its presence can be checked. */
export type ExternalReference = { tensors: number; endBytes: number };

/** What the walk has gathered so far; `inspect-onnx.ts` turns it into an inspection and findings. */
export type OnnxDraft = {
  readonly limits: OnnxLimits;
  hasGraph: boolean;
  irVersion: number;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: string;
  docString: string;
  graphName: string;
  readonly opsets: OnnxOpset[];
  readonly metadata: { key: string; value: string }[];
  /** Whole text of the metadata entry `slipway.features`. */
  featuresText: string | null;
  readonly graphInputs: OnnxValue[];
  readonly graphOutputs: OnnxValue[];
  /** Names of the main graph's initialisers. */
  readonly initialiserNames: Set<string>;
  /** `domain\noperator` to count. */
  readonly operators: Map<string, number>;
  /** Domains of operators outside function bodies: those need an opset import of the model. */
  readonly graphDomains: Set<string>;
  /** `domain\nname` of the functions the file itself defines. */
  readonly functions: Set<string>;
  nodeCount: number;
  tensorCount: number;
  parameterCount: number;
  /** Element type name to number of values. */
  readonly parametersByType: Map<string, number>;
  attributeNumberCount: number;
  initialiserBytes: number;
  /** By location, exactly as written in the file. */
  readonly externals: Map<string, ExternalReference>;
  /** ai.onnx.ml.OneHotEncoder nodes that answer an unknown category with zeros. */
  silentOneHotEncoders: number;
  hasTrainingInfo: boolean;
};

export function startDraft(limits: OnnxLimits): OnnxDraft {
  return {
    limits,
    hasGraph: false,
    irVersion: 0,
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: "0",
    docString: "",
    graphName: "",
    opsets: [],
    metadata: [],
    featuresText: null,
    graphInputs: [],
    graphOutputs: [],
    initialiserNames: new Set(),
    operators: new Map(),
    graphDomains: new Set(),
    functions: new Set(),
    nodeCount: 0,
    tensorCount: 0,
    parameterCount: 0,
    parametersByType: new Map(),
    attributeNumberCount: 0,
    initialiserBytes: 0,
    externals: new Map(),
    silentOneHotEncoders: 0,
    hasTrainingInfo: false,
  };
}

/** The default operator set has two spellings; Slipway writes `ai.onnx`. */
export function operatorDomain(domain: string): string {
  return domain === "" ? "ai.onnx" : domain;
}

/** One text for a pair of names; neither may hold a line break for it to be ambiguous, and then only with itself. */
export function operatorKey(domain: string, operator: string): string {
  return `${operatorDomain(domain)}\n${operator}`;
}
