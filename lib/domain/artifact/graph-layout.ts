import type { OnnxStructure } from "./onnx-structure.ts";

/** Where each operator of a graph stands in its picture: rows from the inputs down, the longest way decides the row. */
export type GraphLayout = {
  readonly boxes: readonly { readonly label: string; readonly row: number; readonly place: number }[];
  /** From box to box, by their index. */
  readonly lines: readonly (readonly [number, number])[];
  readonly rows: number;
  /** Boxes of the widest row. */
  readonly width: number;
  /** Operators that the picture leaves out. */
  readonly leftOut: number;
};

export const MAX_BOXES = 120;
const MAX_LINES = 400;

export function layoutGraph(structure: OnnxStructure): GraphLayout {
  const shown = structure.nodes.slice(0, MAX_BOXES);
  const makerOf = new Map<string, number>();
  shown.forEach(({ outputs }, index) => {
    for (const name of outputs) if (name !== "") makerOf.set(name, index);
  });
  const rows: number[] = [];
  const lines: [number, number][] = [];
  // Nodes of an ONNX graph are sorted: what a node takes was made before it.
  shown.forEach(({ inputs }, index) => {
    let row = 0;
    for (const maker of new Set(inputs.map((name) => makerOf.get(name)))) {
      if (maker === undefined || maker >= index) continue;
      row = Math.max(row, (rows[maker] ?? 0) + 1);
      if (lines.length < MAX_LINES) lines.push([maker, index]);
    }
    rows.push(row);
  });
  const filled = new Map<number, number>();
  const boxes = shown.map(({ operator, domain }, index) => {
    const row = rows[index] ?? 0;
    const place = filled.get(row) ?? 0;
    filled.set(row, place + 1);
    return { label: domain === "" || domain === "ai.onnx" || domain === "ai.onnx.ml" ? operator : `${domain}.${operator}`, row, place };
  });
  return {
    boxes: boxes.map((box) => ({ ...box, label: box.label.slice(0, 40) })),
    lines,
    rows: filled.size,
    width: Math.max(0, ...filled.values()),
    leftOut: structure.nodeCount - shown.length,
  };
}
