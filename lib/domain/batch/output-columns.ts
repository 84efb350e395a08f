import type { ModelSignature, OipDatatype } from "../artifact/types.ts";
import { valuesPerRow } from "../contract/contract-slots.ts";

/** A column of an output table. `position` null: the tensor's whole row, as one value or as a list in JSON. */
export type OutputColumn = {
  readonly name: string;
  /** Position of the tensor in the signature. */
  readonly output: number;
  readonly position: number | null;
  readonly type: "integer" | "number" | "boolean" | "text" | "json";
};

/** More values a row than this stand in one column as a list. */
const MAX_EXPANDED = 256;

function typeOf(datatype: OipDatatype): OutputColumn["type"] {
  if (datatype === "BYTES") return "text";
  if (datatype === "BOOL") return "boolean";
  return datatype.startsWith("FP") ? "number" : "integer";
}

/** The columns that a model's outputs make beside the row number: one for each value of a row, `name.0`, `name.1`, ... where there are several. */
export function outputColumns(signature: ModelSignature): OutputColumn[] {
  return signature.outputs.flatMap((tensor, output): OutputColumn[] => {
    const values = valuesPerRow(tensor);
    const { name } = tensor;
    if (values === null || values > MAX_EXPANDED) return [{ name, output, position: null, type: "json" }];
    const type = typeOf(tensor.datatype);
    if (values === 1 && tensor.shape.length === 1) return [{ name, output, position: null, type }];
    if (values === 1) return [{ name, output, position: 0, type }];
    return Array.from({ length: values }, (_, position) => ({ name: `${name}.${position}`, output, position, type }));
  });
}
