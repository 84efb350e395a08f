import { allocateData, bytesOf } from "../oip/tensor.ts";
import type { RunRequest } from "./messages.ts";
import type { WireTensor } from "./tensor-bytes.ts";

/** Values of one batch: beyond it a batch costs more memory than it saves time. */
const MAX_VALUES = 262_144;

/** Requests that can run as one, in order, with the rows each of them brings. */
export type Batch = { readonly requests: readonly RunRequest[]; readonly rows: readonly number[] };

function rowsOf({ inputs }: RunRequest): number {
  const rows = inputs[0]?.shape[0] ?? 0;
  return inputs.every((input) => input.shape[0] === rows) ? rows : 0;
}

const valuesOf = ({ inputs }: RunRequest): number =>
  inputs.reduce((sum, input) => sum + input.data.length, 0);

/** Whether two requests differ in nothing but their rows. */
function isAlike(a: RunRequest, b: RunRequest): boolean {
  if ((a.outputs?.join() ?? "") !== (b.outputs?.join() ?? "")) return false;
  return a.inputs.every(({ datatype, shape }, index) => {
    const other = b.inputs[index];
    if (other === undefined || other.datatype !== datatype || other.shape.length !== shape.length)
      return false;
    for (let axis = 1; axis < shape.length; axis += 1)
      if (shape[axis] !== other.shape[axis]) return false;
    return true;
  });
}

/** Cuts a frame's requests into runs: neighbours that are alike go together, up to the limits; the rest go alone. */
export function planBatches(requests: readonly RunRequest[], maxRows: number): Batch[] {
  const batches: { requests: RunRequest[]; rows: number[] }[] = [];
  let rowsInLast = 0;
  let valuesInLast = 0;
  for (const request of requests) {
    const rows = rowsOf(request);
    const values = valuesOf(request);
    const last = batches.at(-1);
    const [first] = last?.requests ?? [];
    const joins =
      last !== undefined &&
      first !== undefined &&
      rows > 0 &&
      rowsInLast > 0 &&
      rowsInLast + rows <= maxRows &&
      valuesInLast + values <= MAX_VALUES &&
      isAlike(first, request);
    if (joins) {
      last.requests.push(request);
      last.rows.push(rows);
      rowsInLast += rows;
      valuesInLast += values;
    } else {
      batches.push({ requests: [request], rows: [rows] });
      rowsInLast = rows;
      valuesInLast = values;
    }
  }
  return batches;
}

/** One tensor holding the rows of all, in order. */
export function joinTensors(parts: readonly WireTensor[], rows: number): WireTensor {
  const [first] = parts;
  if (first === undefined) throw new Error("There is nothing to join.");
  const shape = [rows, ...first.shape.slice(1)];
  const data = allocateData(
    first.datatype,
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  if (Array.isArray(data))
    return {
      datatype: first.datatype,
      shape,
      data: parts.flatMap((part) => (Array.isArray(part.data) ? part.data : [])),
    };
  const bytes = bytesOf(data);
  let at = 0;
  for (const { data: part } of parts) {
    if (Array.isArray(part)) continue;
    bytes.set(bytesOf(part), at);
    at += part.byteLength;
  }
  return { datatype: first.datatype, shape, data };
}

/** The inputs of a batch as one request's. */
export function joinInputs({ requests, rows }: Batch): WireTensor[] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const [first] = requests;
  return (first?.inputs ?? []).map((_, index) =>
    joinTensors(
      requests.flatMap(({ inputs }) => inputs[index] ?? []),
      total,
    ),
  );
}

/** Gives each request its rows of the batch's outputs; null when an output has not one row for each row that went in. */
export function splitOutputs(
  outputs: readonly WireTensor[],
  rows: readonly number[],
): WireTensor[][] | null {
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (outputs.some(({ shape }) => shape[0] !== total)) return null;
  let from = 0;
  return rows.map((count) => {
    const start = from;
    from += count;
    return outputs.map(({ datatype, shape, data }) => {
      const width = data.length / total;
      return {
        datatype,
        shape: [count, ...shape.slice(1)],
        data: data.slice(start * width, (start + count) * width),
      };
    });
  });
}
