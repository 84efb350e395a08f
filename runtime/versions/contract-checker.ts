import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { compileContract } from "#lib/domain/contract/check-input.ts";
import type { ContractCheck, InputContract } from "#lib/domain/contract/types.ts";
import { InferenceError } from "../oip/inference-error.ts";
import type { Tensor } from "../oip/tensor.ts";

/** Applies the version's input contract to a request, imputing in place. Throws `InferenceError` 400 when the contract refuses it. */
export type ContractChecker = (tensors: readonly Tensor[]) => Extract<ContractCheck, { ok: true }>;

const SHOWN = 3;

const refuse = (message: string): never => {
  throw new InferenceError(400, "contract", message);
};

/** A null that no rule speaks of: the data cannot carry it, so serving it would mean inventing a value. */
function checkLooseNulls(contract: InputContract, tensors: readonly Tensor[]): void {
  for (const { name, nulls, shape } of tensors) {
    if (nulls === null) continue;
    const columns = new Set(
      contract.fields.filter((field) => field.input === name).map((field) => field.column),
    );
    if (columns.has(null)) continue;
    const lastAxis = shape.at(-1) ?? 1;
    const loose = nulls.findIndex((mark, index) => mark === 1 && !columns.has(index % lastAxis));
    if (loose >= 0)
      refuse(
        `Input ${JSON.stringify(name)} holds null at value ${loose}, and its contract has no rule for it.`,
      );
  }
}

/** Throws when the contract does not fit the signature: such a version cannot be served. */
export function compileChecker(
  contract: InputContract,
  signature: ModelSignature,
): ContractChecker {
  const compiled = compileContract(contract, signature);
  if (!compiled.ok) {
    const [first] = compiled.problems;
    throw new Error(
      `The input contract does not fit the signature: ${first?.message ?? "unknown problem"}`,
    );
  }
  return (tensors) => {
    checkLooseNulls(contract, tensors);
    const checked = compiled.check(tensors);
    if (checked.ok) return checked;
    const shown = checked.refusals.slice(0, SHOWN).map((refusal) => refusal.message);
    const more = checked.refusedCount - shown.length;
    return refuse(
      `The input contract refuses the request: ${shown.join(" ")}${more > 0 ? ` And ${more} more.` : ""}`,
    );
  };
}
