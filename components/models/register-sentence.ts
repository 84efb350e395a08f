import type { ReadContract } from "#lib/client/contract-draft.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { MAX_REFUSED_SHARE } from "#lib/domain/contract/check-sample.ts";
import type { RegisterDraft } from "./register-draft.ts";

/** Where the draft stands, in a sentence or two: the file first, then what needs the person. */
export function registerSentence(
  draft: RegisterDraft,
  read: ReadContract | null,
  sending: boolean,
): string {
  const { uploaded } = draft;
  if (sending)
    return "The file is on its way. It is read when it has arrived; fill in the facts meanwhile.";
  if (uploaded === null)
    return "Drop a model file. Slipway reads it without running it and fills in most of the form.";
  if (uploaded.duplicateOf !== null)
    return `This exact file is ${uploaded.duplicateOf.model} ${uploaded.duplicateOf.version} already.`;
  const stop = uploaded.findings.find(({ severity }) => severity === "block");
  if (stop !== undefined || uploaded.signature === null)
    return `The file is read but cannot be registered: ${stop?.message ?? "it has no signature that can be served."}`;
  const { inputs, outputs } = uploaded.signature;
  const fits = `The file is read: ${formatCount(inputs.length, "input")} and ${formatCount(outputs.length, "output")}.`;
  const wrong = read?.problems.length ?? 0;
  if (wrong > 0)
    return `${fits} ${formatCount(wrong, "rule")} of the contract ${wrong === 1 ? "needs" : "need"} you.`;
  const much = [...(read?.checks.values() ?? [])].filter(
    ({ rows, refusedRows }) => rows > 0 && refusedRows / rows > MAX_REFUSED_SHARE,
  );
  const [first] = much;
  if (first !== undefined) {
    return much.length === 1
      ? `${fits} ${first.field} would refuse more than 1\u00a0% of your sample.`
      : `${fits} ${String(much.length)} fields would refuse more than 1\u00a0% of your sample.`;
  }
  if (uploaded.sampleSummary === null)
    return `${fits} Without sample rows the contract has no limits yet.`;
  return (read?.checks.size ?? 0) === 0
    ? `${fits} No column of your sample has the name of a field, so the contract has no limits yet.`
    : `${fits} Every rule of the contract lets at least 99\u00a0% of your sample pass.`;
}
