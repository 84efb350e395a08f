import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { ContractField, InputContract } from "./types.ts";

/** An Open Inference Protocol v2 request body. */
export type SeededRequest = {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: string;
    readonly data: readonly (number | string | boolean)[];
  }[];
};

/** mulberry32: small, seeded, good enough to spread example values over a range. Answers [0, 1). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const WHOLE = /^U?INT/;
const DEFAULT_RANGE = { min: 0, max: 1 };

function valueFor(field: ContractField | undefined, datatype: string, next: () => number): number | string | boolean {
  if (field?.domain && field.domain.length > 0) {
    return field.domain[Math.floor(next() * field.domain.length)] ?? field.domain[0] ?? "";
  }
  if (datatype === "BYTES") return "example";
  if (datatype === "BOOL") return next() < 0.5;
  const min = field?.range?.min ?? Math.min(DEFAULT_RANGE.min, field?.range?.max ?? DEFAULT_RANGE.min);
  const max = field?.range?.max ?? Math.max(DEFAULT_RANGE.max, min + 1);
  const value = min + (max - min) * next();
  return WHOLE.test(datatype) ? Math.round(value) : Number(value.toPrecision(6));
}

function tensorFor(tensor: TensorSignature, contract: InputContract, next: () => number): SeededRequest["inputs"][number] {
  const shape = tensor.shape.map((size) => (size === -1 ? 1 : size));
  const count = shape.reduce((product, size) => product * size, 1);
  const lastAxis = shape.at(-1) ?? 1;
  const fields = contract.fields.filter(({ input }) => input === tensor.name);
  const whole = fields.find(({ column }) => column === null);
  const byColumn = new Map(fields.map((field) => [field.column, field]));
  const data = Array.from({ length: count }, (_, index) =>
    valueFor(byColumn.get(index % lastAxis) ?? whole, tensor.datatype, next),
  );
  return { name: tensor.name, shape, datatype: tensor.datatype, data };
}

/**
 * A request that keeps the contract: values drawn from each field's range or domain, one row, the same for the same seed.
 * Fields without a range get 0 to 1: enough to run the model, not a claim about what is normal.
 */
export function seededRequest(signature: ModelSignature, contract: InputContract, seed: number): SeededRequest {
  const next = seededNumbers(seed);
  return { inputs: signature.inputs.map((tensor) => tensorFor(tensor, contract, next)) };
}
