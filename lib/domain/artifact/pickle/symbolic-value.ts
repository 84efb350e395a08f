/**
 * What the disassembler keeps of the objects a pickle would build: enough to name what is imported and called and to find the
 * arrays that joblib writes between opcodes, and no more. Nothing is ever built.
 */
export type Value = {
  readonly kind: "none" | "number" | "text" | "bytes" | "list" | "dict" | "global" | "result" | "persistent" | "other";
  /** Of a number. */
  readonly number?: number;
  /** Of a text, at most `KEPT_TEXT` characters; of a global, `module name` as `module\nname`. */
  readonly text?: string;
  /** Of lists, tuples and sets: at most `KEPT_ITEMS`. Of a dict: keys and values in turn. */
  items?: Value[];
  /** Of a result: what was called and with what. */
  readonly callee?: Value;
  readonly args?: Value;
  /** What BUILD gave it. */
  state?: Value;
  /** Objects in it if every shared part were written out; saturates. */
  weight: number;
};

export const KEPT_TEXT = 512;
export const KEPT_ITEMS = 256;
const MAX_WEIGHT = 1e15;

export const NONE: Value = { kind: "none", weight: 1 };
export const OTHER: Value = { kind: "other", weight: 1 };
export const BYTES: Value = { kind: "bytes", weight: 1 };
export const PERSISTENT: Value = { kind: "persistent", weight: 1 };

export const numberValue = (number: number): Value => ({ kind: "number", number, weight: 1 });
export const textValue = (text: string): Value => ({ kind: "text", text, weight: 1 });
export const globalValue = (module: string, name: string): Value => ({ kind: "global", text: `${module}\n${name}`, weight: 1 });

export function container(kind: "list" | "dict", items: readonly Value[]): Value {
  const value: Value = { kind, items: [], weight: 1 };
  addTo(value, items);
  return value;
}

/** Adds items to a list or dict; only the first few are kept, all are weighed. */
export function addTo(value: Value, items: readonly Value[]): void {
  let weight = value.weight;
  const kept = value.items;
  for (const item of items) {
    weight += item.weight;
    if (kept !== undefined && kept.length < KEPT_ITEMS) kept.push(item);
  }
  value.weight = Math.min(weight, MAX_WEIGHT);
}

export function resultOf(callee: Value, args: Value): Value {
  return { kind: "result", callee, args, weight: Math.min(callee.weight + args.weight, MAX_WEIGHT) };
}

/** The value under a text key of a dict that was kept; undefined when it is not there. */
export function entryOf(dict: Value | undefined, key: string): Value | undefined {
  const items = dict?.kind === "dict" ? dict.items : undefined;
  if (items === undefined) return undefined;
  for (let index = 0; index + 1 < items.length; index += 2) {
    if (items[index]?.kind === "text" && items[index]?.text === key) return items[index + 1];
  }
  return undefined;
}

/** Whether a value is this import. */
export const isGlobal = (value: Value | undefined, module: string, name: string): boolean =>
  value?.kind === "global" && value.text === `${module}\n${name}`;
