import { entryOf, isGlobal, type Value } from "./symbolic-value.ts";

/**
 * joblib writes the bytes of an array into the file right behind the object that describes it, between two opcodes.
 * Source: joblib/numpy_pickle.py, NumpyArrayWrapper.
 */
export type InlineArray =
  | { readonly kind: "bytes"; readonly length: number; readonly isAligned: boolean }
  /** An array of objects: a pickle of its own stands there. */
  | { readonly kind: "pickle" }
  | { readonly kind: "unknown" };

export function inlineArrayOf(built: Value | undefined): InlineArray | null {
  if (built?.kind !== "result" || !isWrapper(built)) return null;
  const size = itemBytes(entryOf(built.state, "dtype"));
  const dims = entryOf(built.state, "shape")?.items;
  if (size === "object") return { kind: "pickle" };
  if (size === null || dims === undefined || dims.length > 32) return { kind: "unknown" };
  let length = size;
  for (const { kind, number } of dims) {
    if (kind !== "number" || number === undefined || number < 0 || !Number.isInteger(number)) return { kind: "unknown" };
    length *= number;
  }
  const isAligned = entryOf(built.state, "numpy_array_alignment_bytes")?.kind === "number";
  return Number.isSafeInteger(length) ? { kind: "bytes", length, isAligned } : { kind: "unknown" };
}

function isWrapper({ callee, args }: Value): boolean {
  const [module, name] = ["joblib.numpy_pickle", "NumpyArrayWrapper"];
  // Protocol 2 and up: the class itself; below: copyreg._reconstructor(class, object, None).
  return isGlobal(callee, module, name) || isGlobal(args?.items?.[0], module, name);
}

const fixedSizes: Readonly<Record<string, number>> = { "?": 1, b: 1, B: 1, h: 2, H: 2, e: 2, i: 4, I: 4, f: 4, l: 8, L: 8, q: 8, Q: 8, d: 8 };

/** Bytes of one element from `numpy.dtype("f8", ...)`: the digits behind the kind letter, four times as many for texts. */
function itemBytes(dtype: Value | undefined): number | "object" | null {
  if (dtype?.kind !== "result" || !isGlobal(dtype.callee, "numpy", "dtype")) return null;
  const text = dtype.args?.items?.[0]?.text?.replace(/^[<>|=]/, "") ?? "";
  if (/^O\d*$/.test(text)) return "object";
  const found = /^([biufcmMSUVa])(\d{1,9})$/.exec(text);
  if (found !== null) return Number(found[2]) * (found[1] === "U" ? 4 : 1);
  return fixedSizes[text] ?? null;
}
