import fc from "fast-check";
import { expect, it } from "vitest";
import { compileRun, isColumnOfNumbers, scanColumns } from "./column-run.ts";
import { cellOf, NAN, type Place } from "./monitor-layout.ts";

const SEED = 20_261_130;

const place = (edges: readonly number[], column: number, offset: number): Place => ({
  name: `f${column}`,
  tensor: 0,
  datatype: "FP32",
  column,
  cells: edges.length - 1,
  offset,
  edges: Float64Array.from(edges),
  numbers: new Map(),
  texts: new Map(),
  surprise: null,
});

/** Rising edges of very different widths, some of them as FP32 has them so that values fall on them. */
const edgesOf = fc
  .uniqueArray(
    fc.oneof(
      fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -5, max: 5 }),
    ),
    { minLength: 2, maxLength: 24, selector: (edge) => edge + 0 },
  )
  .map((edges) => edges.sort((a, b) => a - b));

it("finds by grid the cells that a search finds, for edges of any width and values on, between and beyond them", () => {
  fc.assert(
    fc.property(fc.array(edgesOf, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.float()), (all, values) => {
      const places = all.map((edges, column) => place(edges, column, 100 * column)).filter(isColumnOfNumbers);
      const run = compileRun(0, places, places.map((_, number) => number));
      const wanted = all.flatMap((edges) => [...edges, values.next().value]);
      for (const value of wanted) {
        const row = Float32Array.from(all, () => value);
        const slots = new Int32Array(all.length);
        scanColumns(run, row, 0, slots, new Float64Array(all.length), 0);
        const expected = places.map(({ edges, offset, cells }, column) => {
          const stored = row[column] ?? Number.NaN;
          return offset + (Number.isNaN(stored) ? cells + NAN : cellOf(edges, stored));
        });
        expect([...slots]).toEqual(expected);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});
