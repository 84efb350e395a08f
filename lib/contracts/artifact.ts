import { z } from "zod";
import {
  artifactRefusalCodes,
  findingSeverities,
  onnxValueKinds,
} from "#lib/domain/artifact/types.ts";
import { pickleInspection, pmmlInspection, savedModelInspection } from "./artifact-formats.ts";
import { count, name, onnxDim } from "./artifact-parts.ts";
import { contractActions, fieldTypes, nullRules } from "#lib/domain/contract/types.ts";

/**
 * Inspection and input contract on the wire. The types inferred here equal those of `lib/domain` (`artifact.test.ts` holds them together).
 * Bounds follow the inspector's own limits, so that what it writes always parses.
 */

export const finding = z.strictObject({
  code: z.string().min(1).max(64),
  severity: z.enum(findingSeverities),
  title: z.string().max(200),
  message: z.string().max(4000),
  hint: z.string().max(2000).nullable(),
});

export const artifactRefusal = z.strictObject({
  code: z.enum(artifactRefusalCodes),
  message: z.string().max(4000),
  hint: z.string().max(2000).nullable(),
  byteOffset: count.nullable(),
});

export const onnxValue = z.strictObject({
  name,
  kind: z.enum(onnxValueKinds),
  elementType: z.string().max(64).nullable(),
  dims: z.array(onnxDim).max(64).nullable(),
});

export const onnxInspection = z.strictObject({
  format: z.literal("onnx"),
  sizeBytes: count,
  irVersion: count,
  opsets: z.array(z.strictObject({ domain: name, version: count })).max(1000),
  producerName: name,
  producerVersion: name,
  domain: name,
  modelVersion: z.string().max(20),
  docString: z.string().max(4096),
  graphName: name,
  metadata: z.array(z.strictObject({ key: name, value: z.string().max(4096) })).max(1000),
  inputs: z.array(onnxValue).max(10_000),
  outputs: z.array(onnxValue).max(10_000),
  operators: z.array(z.strictObject({ domain: name, operator: name, count })).max(10_000),
  nodeCount: count,
  functionCount: count,
  parameterCount: count,
  parametersByType: z.array(z.strictObject({ elementType: z.string().max(64), count })).max(64),
  attributeNumberCount: count,
  initialiserBytes: count,
  externalFiles: z.array(z.strictObject({ name, tensors: count, usedBytes: count })).max(1000),
  features: z.record(name, z.array(name).max(100_000)).nullable(),
});

export const artifactInspection = z.discriminatedUnion("format", [onnxInspection, pmmlInspection, savedModelInspection, pickleInspection]);

/** Text that every store can hold: PostgreSQL's JSON takes neither NUL nor half a surrogate pair. */
const storable = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes("\0") && text.isWellFormed(), "Not storable as text.");

const fieldName = storable(512).min(1);

export const fieldRange = z.strictObject({
  min: z.number().nullable(),
  max: z.number().nullable(),
});

export const contractField = z.strictObject({
  field: fieldName,
  input: fieldName,
  column: z.number().int().nonnegative().max(1_000_000).nullable(),
  type: z.enum(fieldTypes),
  nulls: z.enum(nullRules),
  imputeValue: z.union([z.number(), storable(1024), z.boolean()]).nullable(),
  range: fieldRange.nullable(),
  domain: z
    .union([z.array(storable(1024)).max(10_000), z.array(z.number()).max(10_000)])
    .nullable(),
  action: z.enum(contractActions),
  unit: storable(64).nullable(),
});

/** Shape only; whether it fits a signature is `validateContract`'s answer. */
export const inputContract = z.strictObject({ fields: z.array(contractField).max(10_000) });

const rows = count;

export const sampleColumn = z.strictObject({
  name: z.string().max(512),
  rows,
  emptyCells: rows,
  nullWords: rows,
  numbers: rows,
  allIntegers: z.boolean(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  knots: z.array(z.tuple([z.number(), rows])).max(512),
  knotsExact: z.boolean(),
  categories: z.array(z.tuple([storable(1024), rows])).max(100),
  hasMoreCategories: z.boolean(),
});

export const sampleSummary = z.strictObject({ rows, columns: z.array(sampleColumn).max(10_000) });

export const fieldSampleCheck = z.strictObject({
  field: fieldName,
  rows,
  nullRows: rows,
  outsideRows: rows,
  refusedRows: rows,
  isExact: z.boolean(),
});

export const inferredContract = z.strictObject({
  contract: inputContract,
  sampleChecks: z.array(fieldSampleCheck).max(10_000),
  notes: z.array(z.string().max(1000)).max(1000),
});
