/** What a PMML 4.x document says of itself. https://dmg.org/pmml/v4-4-1/GeneralStructure.html */

export type PmmlInterval = { readonly closure: string; readonly min: number | null; readonly max: number | null };

export type PmmlField = {
  readonly name: string;
  readonly optype: string;
  readonly dataType: string;
  readonly isCyclic: boolean;
  readonly valid: readonly string[];
  readonly invalid: readonly string[];
  readonly missing: readonly string[];
  readonly intervals: readonly PmmlInterval[];
};

/** One MiningField of the model, as the document has it; what it leaves out is null. */
export type PmmlMiningField = {
  readonly name: string;
  readonly usage: string;
  readonly missingTreatment: string | null;
  readonly missingReplacement: string | null;
  readonly invalidTreatment: string | null;
  readonly invalidReplacement: string | null;
  readonly outliers: string | null;
  readonly low: number | null;
  readonly high: number | null;
};

export type PmmlOutput = { readonly name: string; readonly dataType: string | null; readonly feature: string; readonly value: string | null };

export type PmmlInspection = {
  readonly format: "pmml";
  readonly sizeBytes: number;
  readonly version: string;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly description: string;
  readonly modelElement: string;
  readonly modelName: string;
  readonly functionName: string;
  readonly algorithm: string;
  readonly fields: readonly PmmlField[];
  readonly miningFields: readonly PmmlMiningField[];
  readonly targets: readonly string[];
  readonly outputs: readonly PmmlOutput[];
  /** Model elements inside, the main one included. */
  readonly models: readonly { readonly element: string; readonly count: number }[];
  readonly elementCount: number;
  readonly derivedFieldCount: number;
  readonly extensionCount: number;
  /** Functions applied that are neither PMML's own nor defined in the document. */
  readonly foreignFunctions: readonly string[];
};
