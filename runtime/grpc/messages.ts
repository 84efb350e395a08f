/** What the protobuf library makes of the protocol's messages: fields that were not sent are absent or the type's own default. */

/** A 64-bit integer in two halves. */
export type Wide = { readonly low: number; readonly high: number; readonly unsigned: boolean };

/** One of these is there. */
export type Parameter = {
  readonly bool_param?: boolean;
  readonly int64_param?: Wide;
  readonly string_param?: string;
  readonly double_param?: number;
  readonly uint64_param?: Wide;
};
export type Parameters = Readonly<Record<string, Parameter>>;

export type Contents = {
  readonly bool_contents: readonly boolean[];
  readonly int_contents: readonly number[];
  readonly int64_contents: readonly Wide[];
  readonly uint_contents: readonly number[];
  readonly uint64_contents: readonly Wide[];
  readonly fp32_contents: readonly number[];
  readonly fp64_contents: readonly number[];
  readonly bytes_contents: readonly Buffer[];
};

export type InferInput = {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly Wide[];
  readonly parameters: Parameters;
  readonly contents?: Contents | null;
};

export type InferRequestMessage = {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InferInput[];
  readonly outputs: readonly { readonly name: string }[];
  readonly raw_input_contents: readonly Buffer[];
};

/** What another server answers; nothing of it is believed before it is checked. */
export type InferResponseMessage = {
  readonly outputs: readonly InferInput[];
  readonly raw_output_contents: readonly Buffer[];
};

/** A value of 64 bits as a JavaScript number; NaN when it is too large for one. */
export function wideNumber({ low, high, unsigned }: Wide): number {
  const value = (unsigned ? high >>> 0 : high) * 4_294_967_296 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}
