/**
 * What the bundled onnxruntime-node 1.30 loads. `lib/server/artifacts/onnxruntime-limits.test.ts` asks the library itself,
 * so that an upgrade which moves these numbers is noticed.
 */
export const ONNXRUNTIME_VERSION = "1.30";

export const MAX_IR_VERSION = 13;

/** Operator sets with kernels in the package, and the versions it takes. */
export const operatorSets: Readonly<
  Record<string, { readonly oldest: number; readonly newest: number }>
> = {
  "ai.onnx": { oldest: 7, newest: 26 },
  "ai.onnx.ml": { oldest: 1, newest: 5 },
  "com.microsoft": { oldest: 1, newest: 1 },
};

export function isBuiltInDomain(domain: string): boolean {
  return Object.hasOwn(operatorSets, domain);
}
