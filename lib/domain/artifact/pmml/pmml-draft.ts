import { RefusedArtifact } from "../protobuf-reader.ts";
import type { PmmlField, PmmlInterval, PmmlMiningField, PmmlOutput } from "./types.ts";

export type PmmlLimits = {
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxFields: number;
  readonly maxValues: number;
  readonly maxText: number;
};

export const defaultPmmlLimits: PmmlLimits = {
  maxDepth: 1000,
  maxElements: 50_000_000,
  maxFields: 10_000,
  maxValues: 10_000,
  maxText: 4096,
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type DraftField = Writable<Omit<PmmlField, "valid" | "invalid" | "missing" | "intervals">> & {
  valid: string[];
  invalid: string[];
  missing: string[];
  intervals: PmmlInterval[];
};

/** What the events have said so far. */
export type PmmlDraft = {
  readonly limits: PmmlLimits;
  /** Element names from the root to here, without prefixes. */
  readonly path: string[];
  version: string | null;
  producerName: string;
  producerVersion: string;
  description: string;
  /** The first model that may score; further ones at the top are counted only. */
  modelElement: string | null;
  modelName: string;
  functionName: string;
  algorithm: string;
  isInMainModel: boolean;
  topModels: number;
  readonly fields: DraftField[];
  readonly fieldNames: Set<string>;
  readonly repeatedFields: Set<string>;
  readonly miningFields: PmmlMiningField[];
  readonly outputs: PmmlOutput[];
  readonly models: Map<string, number>;
  elementCount: number;
  derivedFieldCount: number;
  extensionCount: number;
  readonly extensionNames: Set<string>;
  readonly definedFunctions: Set<string>;
  readonly appliedFunctions: Set<string>;
  tableLocators: number;
};

export function startPmmlDraft(limits: PmmlLimits = defaultPmmlLimits): PmmlDraft {
  return {
    limits,
    path: [],
    version: null,
    producerName: "",
    producerVersion: "",
    description: "",
    modelElement: null,
    modelName: "",
    functionName: "",
    algorithm: "",
    isInMainModel: false,
    topModels: 0,
    fields: [],
    fieldNames: new Set(),
    repeatedFields: new Set(),
    miningFields: [],
    outputs: [],
    models: new Map(),
    elementCount: 0,
    derivedFieldCount: 0,
    extensionCount: 0,
    extensionNames: new Set(),
    definedFunctions: new Set(),
    appliedFunctions: new Set(),
    tableLocators: 0,
  };
}

export const pmmlOverLimit = (what: string): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_limit_exceeded",
    message: `The document has ${what}.`,
    hint: "No exporter known to us writes such a document. If this one is honest, split or simplify the model.",
    byteOffset: null,
  });

export const pmmlMalformed = (what: string): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_malformed",
    message: `${what}.`,
    hint: "Export the model again, or check the document against the PMML schema of its version.",
    byteOffset: null,
  });
