import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import {
  jurisdictions,
  riskTiers,
  sectors,
  slug,
  versionName,
} from "#lib/contracts/registry-api.ts";

/** Held-out rows of the example models as Open Inference Protocol v2 requests. Used by traffic, tests and benchmarks. */

const EXAMPLES = new URL("./", import.meta.url);
const relativePath = z.string().regex(/^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/);

const exampleInput = z.strictObject({
  name: z.string().min(1),
  datatype: z.enum(["FP32", "BYTES"]),
  /** Shape of one row's part of the tensor; the tensor is [rows, ...rowShape]. */
  rowShape: z.array(z.number().int().positive()).min(1),
  /** CSV columns that fill it, in order; left out, all but the label. */
  columns: z.array(z.string()).optional(),
});

const exampleVersion = z.strictObject({
  version: versionName,
  /** Holds model.onnx, golden.json, baseline.json, card.md. */
  directory: relativePath,
  /** What its author reports, a file in `directory`. */
  evaluation: z.string(),
  parent: versionName.nullable(),
  notes: z.string(),
  /** For readers of the examples; the author did not know. */
  defect: z.string().nullable(),
});

const exampleModel = z.strictObject({
  name: slug,
  intendedUse: z.string(),
  riskTier: z.enum(riskTiers),
  sector: z.enum(sectors),
  jurisdictions: z.array(z.enum(jurisdictions)),
  heldOut: relativePath,
  labelColumn: z.string(),
  labelOutput: z.string(),
  inputs: z.array(exampleInput).min(1),
  versions: z.array(exampleVersion).min(1),
});
export type ExampleModel = z.output<typeof exampleModel>;
export type ExampleVersion = z.output<typeof exampleVersion>;

const storyEndpoint = z.strictObject({
  name: slug,
  model: slug,
  environment: slug,
  stable: versionName,
  candidate: versionName,
  expected: z.enum(["promoted", "rolled_back", "awaits_approval"]),
  /** Sticky keys are `prefix-00000` and up. */
  keyPrefix: slug,
  keyCount: z.number().int().positive(),
});
export type StoryEndpoint = z.output<typeof storyEndpoint>;

const story = z.strictObject({
  models: z.array(exampleModel),
  endpoints: z.array(storyEndpoint),
});
export type Story = z.output<typeof story>;

/** One held-out row: cells in the order of `HeldOut.columns`, empty where a value is missing. */
export type HeldOutRow = { readonly cells: readonly string[]; readonly label: string };
export type HeldOut = { readonly columns: readonly string[]; readonly rows: readonly HeldOutRow[] };

export type OipTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly (number | string | null)[];
};
export type OipRequest = { readonly inputs: readonly OipTensor[] };

/** The story of the demo as `story.json` tells it. Throws when that file is not in order. */
export function readStory(): Story {
  return story.parse(JSON.parse(readFileSync(exampleFile("story.json"), "utf8")));
}

/** Address of a file under `examples/`. */
export function exampleFile(path: string): URL {
  return new URL(path, EXAMPLES);
}

/** The model of that name. Throws when the story has none. */
export function modelOf(of: Story, name: string): ExampleModel {
  const found = of.models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`story.json has no model ${name}.`);
  return found;
}

/** All held-out rows of a model. Throws when the label is not the last column. */
export function readHeldOut(model: Pick<ExampleModel, "heldOut" | "labelColumn">): HeldOut {
  const text = readFileSync(exampleFile(model.heldOut), "utf8");
  const [header = [], ...rows] = z.array(z.array(z.string())).parse(parse(text));
  if (header.at(-1) !== model.labelColumn) {
    throw new Error(`The last column of ${model.heldOut} is not ${model.labelColumn}.`);
  }
  return {
    columns: header.slice(0, -1),
    rows: rows.map((cells) => ({ cells: cells.slice(0, -1), label: cells.at(-1) ?? "" })),
  };
}

/** The request that asks for these rows in one batch. A missing value is null, for numbers and texts alike. */
export function inferRequest(
  model: Pick<ExampleModel, "inputs">,
  columns: readonly string[],
  rows: readonly HeldOutRow[],
): OipRequest {
  return {
    inputs: model.inputs.map((input) => {
      const places = (input.columns ?? columns).map((name) => placeOf(name, columns));
      const value = input.datatype === "BYTES" ? textOf : numberOf;
      return {
        name: input.name,
        shape: [rows.length, ...input.rowShape],
        datatype: input.datatype,
        data: rows.flatMap(({ cells }) => places.map((place) => value(cells[place] ?? ""))),
      };
    }),
  };
}

function placeOf(name: string, columns: readonly string[]): number {
  const place = columns.indexOf(name);
  if (place < 0) throw new Error(`There is no column ${name}.`);
  return place;
}

const textOf = (cell: string): string | null => (cell === "" ? null : cell);

function numberOf(cell: string): number | null {
  if (cell === "") return null;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new Error(`${cell} is not a number.`);
  return value;
}
