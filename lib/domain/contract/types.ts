/**
 * The input contract: per field, what a request may carry and what happens when it does not.
 * A field is a named column of a tensor, a whole [N, 1] tensor, or a whole tensor of any shape under one shared rule.
 */

export const fieldTypes = [
  "bool",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "float32",
  "float64",
  "string",
] as const;
export type FieldType = (typeof fieldTypes)[number];

/**
 * What a null does. Null is NaN for floats, the empty string for strings (tensors have no other), and an explicit JSON null for
 * integers and booleans, which cannot pass one on: there only `reject` and `impute` are possible.
 */
export const nullRules = ["reject", "allow", "impute", "flag"] as const;
export type NullRule = (typeof nullRules)[number];

/** What a value outside range or domain does: refuse the request, replace it by `imputeValue`, or serve it and say so. */
export const contractActions = ["reject", "impute", "flag"] as const;
export type ContractAction = (typeof contractActions)[number];

/** Both ends belong to the range; null = open on that side, not both. */
export type FieldRange = { readonly min: number | null; readonly max: number | null };

export type ContractField = {
  /** Unique within the contract: the column name, or the input name. */
  readonly field: string;
  /** Tensor that carries it. */
  readonly input: string;
  /** Index on the tensor's last axis; null = every value of the tensor. */
  readonly column: number | null;
  readonly type: FieldType;
  readonly nulls: NullRule;
  /** Used by `nulls: impute` and `action: impute`; null when neither asks for it. */
  readonly imputeValue: number | string | boolean | null;
  readonly range: FieldRange | null;
  /** The only values that may come; all strings or all numbers. */
  readonly domain: readonly string[] | readonly number[] | null;
  /** For values outside `range` or `domain`. */
  readonly action: ContractAction;
  readonly unit: string | null;
};

export type InputContract = { readonly fields: readonly ContractField[] };

/**
 * What a sample file says about one column, small enough to send to a browser, where it can answer
 * "how many sample rows would this rule refuse" while somebody types.
 */
export type SampleColumn = {
  readonly name: string;
  readonly rows: number;
  /** Empty cells. */
  readonly emptyCells: number;
  /** Cells that say NaN, nan, null, NULL, None, NA or N/A: null in a numeric field, a text like any other in a text field. */
  readonly nullWords: number;
  /** Cells that are finite decimal numbers. */
  readonly numbers: number;
  readonly allIntegers: boolean;
  readonly min: number | null;
  readonly max: number | null;
  /** [value, rows at or below it], rising; every distinct value when `knotsExact`, else interpolate between them. */
  readonly knots: readonly (readonly [number, number])[];
  readonly knotsExact: boolean;
  /** [text, rows], most frequent first, empty cells left out; empty when there are more than 100 distinct texts. */
  readonly categories: readonly (readonly [string, number])[];
  readonly hasMoreCategories: boolean;
};

export type SampleSummary = {
  readonly rows: number;
  readonly columns: readonly SampleColumn[];
};

/** What one field's rules would do to the sample. `isExact` is false when the count is interpolated. */
export type FieldSampleCheck = {
  readonly field: string;
  readonly rows: number;
  readonly nullRows: number;
  readonly outsideRows: number;
  /** Rows that the field's rules would refuse (nulls and outside together, as their rules say). */
  readonly refusedRows: number;
  readonly isExact: boolean;
};

/** A contract proposed from the signature and, when given, a sample; `notes` say in words where each part came from. */
export type InferredContract = {
  readonly contract: InputContract;
  readonly sampleChecks: readonly FieldSampleCheck[];
  readonly notes: readonly string[];
};

/** Element data as the runtime holds it, one class for each datatype; FP16 as the bits in a Uint16Array, BOOL as 0 and 1 in a Uint8Array. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/**
 * A tensor of one request, row-major. `nulls` (one byte per value, 1 = JSON null) is needed only where the data cannot say it, i.e. for integers and
 * booleans; null or absent when there was none. The checker overwrites `data` in place where a rule imputes, and with NaN or "" where `nulls` marks a float or text.
 */
export type CheckedTensor = {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
  readonly nulls?: Uint8Array | null;
};

export const refusalRules = [
  "unknown_input",
  "missing_input",
  "repeated_input",
  "datatype",
  "shape",
  "length",
  "null",
  "range",
  "domain",
] as const;
export type RefusalRule = (typeof refusalRules)[number];

/** `row` counts from 0; null when the whole tensor is meant. */
export type ContractRefusal = {
  readonly field: string;
  readonly row: number | null;
  readonly rule: RefusalRule;
  readonly message: string;
};

/** How many values of a field a rule touched. */
export type FieldCount = {
  readonly field: string;
  readonly rule: "null" | "range" | "domain";
  readonly count: number;
};

/** `refusals` lists the first 20; `refusedCount` counts all. One refused value refuses the request. */
export type ContractCheck =
  | {
      readonly ok: true;
      readonly flags: readonly FieldCount[];
      readonly imputed: readonly FieldCount[];
    }
  | {
      readonly ok: false;
      readonly refusals: readonly ContractRefusal[];
      readonly refusedCount: number;
    };
