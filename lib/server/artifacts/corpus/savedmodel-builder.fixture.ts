import { bytes, concat, int, message, text, type Bytes } from "#lib/domain/artifact/onnx-builder.fixture.ts";

/** Writes saved_model.pb for tests. Field numbers are those of TensorFlow's own proto files. */
export const tensorInfo = (name: string, dtype: number, dims: readonly number[] | null): Bytes =>
  concat([text(1, name), int(2, dtype), message(3, ...(dims === null ? [int(3, 1)] : dims.map((size) => message(2, int(1, size)))))]);

const entry = (field: number, key: string, value: Bytes): Bytes => message(field, text(1, key), bytes(2, value));

export type SavedModelSpec = {
  readonly tags?: readonly string[];
  readonly operators?: readonly string[];
  readonly functions?: Readonly<Record<string, readonly string[]>>;
  readonly signatures?: Readonly<Record<string, { inputs: Readonly<Record<string, Bytes>>; outputs: Readonly<Record<string, Bytes>> }>>;
};

const node = (operator: string): Bytes => concat([text(1, `node_${operator}`), text(2, operator)]);

export const plainSignature = {
  serving_default: { inputs: { x: tensorInfo("x:0", 1, [-1, 4]) }, outputs: { y: tensorInfo("y:0", 1, [-1, 2]) } },
} as const;

export function savedModel({ tags = ["serve"], operators = ["Placeholder", "MatMul"], functions = {}, signatures = plainSignature }: SavedModelSpec = {}): Bytes {
  const library = Object.entries(functions).map(([name, used]) => message(1, message(1, text(1, name)), ...used.map((operator) => bytes(3, node(operator)))));
  return concat([
    int(1, 1),
    message(
      2,
      message(1, ...tags.map((tag) => text(4, tag)), text(5, "2.21.0")),
      message(2, ...operators.map((operator) => bytes(1, node(operator))), message(2, ...library)),
      ...Object.entries(signatures).map(([key, { inputs, outputs }]) =>
        entry(5, key, concat([...Object.entries(inputs).map(([name, info]) => entry(1, name, info)), ...Object.entries(outputs).map(([name, info]) => entry(2, name, info)), text(3, "tensorflow/serving/predict")])),
      ),
    ),
  ]);
}
