import type { InputContract } from "#lib/domain/contract/types.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { exampleRequest } from "#lib/domain/contract/example-request.ts";
import { seededRequest } from "#lib/domain/contract/seeded-request.ts";

/** An inference request as people read and edit it: one tensor a line, its data on that line. */
export function requestText(request: unknown): string {
  if (!isObject(request) || !Array.isArray(request["inputs"]))
    return JSON.stringify(request, null, 2);
  const { inputs, ...rest } = request;
  const lines = inputs.map((tensor) => `    ${oneLine(tensor)}`);
  const others = Object.entries(rest).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${oneLine(value)},\n`,
  );
  return `{\n${others.join("")}  "inputs": [\n${lines.join(",\n")}\n  ]\n}`;
}

const oneLine = (value: unknown): string =>
  JSON.stringify(value, null, 1).replace(/\n\s*/g, " ").replace(/\[ /g, "[").replace(/ \]/g, "]");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type OfferedRequest = { readonly text: string; readonly caption: string };

/** The n-th request to offer: one made from the contract, then the golden ones, then more made from the contract. Null: too large to show. */
export function offeredRequest(
  n: number,
  known: {
    readonly contract: InputContract;
    readonly signature: ModelSignature;
    readonly goldenRequests: readonly unknown[];
  },
): OfferedRequest | null {
  const { contract, signature, goldenRequests } = known;
  if (n === 0) {
    const example = exampleRequest(contract, signature);
    return example === null
      ? null
      : { text: requestText(example), caption: "One row, made from the contract" };
  }
  const golden = goldenRequests[n - 1];
  if (golden !== undefined) {
    return {
      text: requestText(golden),
      caption: `Golden request ${String(n)} of ${String(goldenRequests.length)}`,
    };
  }
  return {
    text: requestText(seededRequest(signature, contract, n)),
    caption: "One row within the contract, at random",
  };
}

/** The text as a request body, or what is wrong with it. */
export function parseRequestText(
  text: string,
):
  | { readonly ok: true; readonly request: Record<string, unknown> }
  | { readonly ok: false; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return {
      ok: false,
      problem: `This is not JSON: ${cause instanceof Error ? cause.message : "it cannot be read"}.`,
    };
  }
  if (!isObject(value) || !Array.isArray(value["inputs"]) || value["inputs"].length === 0) {
    return { ok: false, problem: 'A request is an object with "inputs", a list of tensors.' };
  }
  return { ok: true, request: value };
}
