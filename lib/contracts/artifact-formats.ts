import { z } from "zod";
import { importVerdicts, pickleCompressions, pickleContainers, pickleVerdicts } from "#lib/domain/artifact/pickle/types.ts";
import { savedModelContainers } from "#lib/domain/artifact/savedmodel/types.ts";
import { count, name, onnxDim } from "./artifact-parts.ts";

/** Inspections of PMML, SavedModel and pickle on the wire; ONNX is in `artifact.ts`. */

const values = z.array(name).max(10_000);

export const pmmlInspection = z.strictObject({
  format: z.literal("pmml"),
  sizeBytes: count,
  version: name,
  producerName: name,
  producerVersion: name,
  description: name,
  modelElement: name,
  modelName: name,
  functionName: name,
  algorithm: name,
  fields: z
    .array(
      z.strictObject({
        name,
        optype: name,
        dataType: name,
        isCyclic: z.boolean(),
        valid: values,
        invalid: values,
        missing: values,
        intervals: z.array(z.strictObject({ closure: name, min: z.number().nullable(), max: z.number().nullable() })).max(10_000),
      }),
    )
    .max(10_000),
  miningFields: z
    .array(
      z.strictObject({
        name,
        usage: name,
        missingTreatment: name.nullable(),
        missingReplacement: name.nullable(),
        invalidTreatment: name.nullable(),
        invalidReplacement: name.nullable(),
        outliers: name.nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
      }),
    )
    .max(10_000),
  targets: z.array(name).max(10_000),
  outputs: z.array(z.strictObject({ name, dataType: name.nullable(), feature: name, value: name.nullable() })).max(10_000),
  models: z.array(z.strictObject({ element: name, count })).max(32),
  elementCount: count,
  derivedFieldCount: count,
  extensionCount: count,
  foreignFunctions: z.array(name).max(1000),
});

const savedModelTensor = z.strictObject({
  key: name,
  tensor: name,
  kind: z.enum(["tensor", "sparse", "composite"]),
  dtype: z.string().max(64),
  dims: z.array(onnxDim).max(64).nullable(),
});

export const savedModelInspection = z.strictObject({
  format: z.literal("savedmodel"),
  sizeBytes: count,
  container: z.enum(savedModelContainers),
  schemaVersion: count,
  tensorflowVersion: z.string().max(128),
  tagSets: z.array(z.array(name).max(64)).max(64),
  signatures: z
    .array(
      z.strictObject({
        key: name,
        tags: z.array(name).max(64),
        method: name,
        inputs: z.array(savedModelTensor).max(2048),
        outputs: z.array(savedModelTensor).max(2048),
      }),
    )
    .max(256),
  served: name.nullable(),
  operators: z.array(z.strictObject({ operator: name, count })).max(10_000),
  nodeCount: count,
  functionCount: count,
  variables: z.strictObject({ isPresent: z.boolean(), files: count, bytes: count }).nullable(),
  assetFiles: count,
  entryCount: count,
});

export const pickleInspection = z.strictObject({
  format: z.literal("pickle"),
  sizeBytes: count,
  container: z.enum(pickleContainers),
  compression: z.enum(pickleCompressions),
  inflatedBytes: count,
  protocol: count,
  streamCount: count,
  nestedCount: count,
  opcodeCount: count,
  imports: z
    .array(
      z.strictObject({
        module: z.string().max(200),
        name: z.string().max(200),
        verdict: z.enum(importVerdicts),
        count,
        isCalled: z.boolean(),
      }),
    )
    .max(2000),
  importCount: count,
  framework: z.string().max(64).nullable(),
  frameworkVersion: z.string().max(200).nullable(),
  rootClass: z.string().max(200).nullable(),
  arrayCount: count,
  arrayBytes: count,
  verdict: z.enum(pickleVerdicts),
});
