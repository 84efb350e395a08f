import { list } from "./external-data.ts";
import type { Finding, OnnxInspection, OnnxValue } from "./types.ts";

type Features = OnnxInspection["features"];

/**
 * Column names from the metadata entry `slipway.features`: a JSON array of names for a model with one input of that many columns, or a JSON
 * object `{ input: [names] }`. Names that do not fit the inputs are left out and said so; they are a help for people, not a reason to refuse.
 */
export function readFeatures(
  text: string | null,
  inputs: readonly OnnxValue[],
): { readonly features: Features; readonly findings: readonly Finding[] } {
  if (text === null) return { features: null, findings: [] };
  const named = namedColumns(text, inputs);
  if (typeof named === "string") return { features: null, findings: [unusable(named)] };
  const fitting: (readonly [string, readonly string[]])[] = [];
  const problems: string[] = [];
  for (const [input, names] of named) {
    const problem = misfit(input, names, inputs);
    if (problem === null) fitting.push([input, names]);
    else problems.push(problem);
  }
  return {
    // Not by assignment: an input may be called __proto__.
    features: fitting.length > 0 ? Object.fromEntries(fitting) : null,
    findings: problems.length > 0 ? [unusable(list(problems))] : [],
  };
}

/** Pairs of input and names, or in words why there are none. */
function namedColumns(
  text: string,
  inputs: readonly OnnxValue[],
): readonly (readonly [string, readonly string[]])[] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  const all = names(parsed);
  if (all !== null) {
    const fitting = inputs.filter((input) => columnsOf(input) === all.length);
    const [only] = fitting;
    if (only === undefined) return `it names ${all.length} columns and no input has that many`;
    return fitting.length === 1 ? [[only.name, all]] : "it names columns but not of which input";
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return "it is neither a list of names nor an object of lists by input";
  }
  const pairs: (readonly [string, readonly string[]])[] = [];
  for (const [input, value] of Object.entries(parsed)) {
    const own = names(value);
    if (own === null) return `the entry of ${input} is not a list of names`;
    pairs.push([input, own]);
  }
  return pairs;
}

/** At least one character, none of them a control character: names go into databases, headers and screens. */
const storableName = /^[^\u0000-\u001f\u007f]+$/;

function names(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const isName = (name: unknown): name is string =>
    typeof name === "string" &&
    name.length <= 512 &&
    storableName.test(name) &&
    name.isWellFormed();
  return value.every(isName) ? value : null;
}

/** Size of the last axis, when it is fixed. */
export function columnsOf(input: OnnxValue): number | null {
  const last = input.dims?.at(-1);
  return last?.kind === "fixed" ? last.size : null;
}

function misfit(
  input: string,
  columns: readonly string[],
  inputs: readonly OnnxValue[],
): string | null {
  const value = inputs.find((candidate) => candidate.name === input);
  if (value === undefined) return `there is no input ${input}`;
  const size = columnsOf(value);
  if (size !== columns.length) {
    return `${input} has ${size ?? "a free number of"} columns and ${columns.length} names`;
  }
  return new Set(columns).size === columns.length ? null : `${input} has the same name twice`;
}

function unusable(why: string): Finding {
  return {
    code: "features_unusable",
    severity: "warn",
    title: "Feature names not used",
    message: `The metadata entry slipway.features cannot be used: ${why}.`,
    hint: 'Write a JSON list with one name for each column, or {"input": ["name", ...]}.',
  };
}
