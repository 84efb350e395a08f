import type { ReadContract } from "#lib/client/contract-draft.ts";
import { formatCount } from "#lib/client/format-number.ts";
import { MAX_REFUSED_SHARE } from "#lib/domain/contract/check-sample.ts";
import type { RegisterDraft } from "./register-draft.ts";

const pickleSentence = (verdict: string): string =>
  `The file is read, not loaded: a pickle ${verdict === "clean" ? "whose imports are all known" : "that needs a review"}. It can be registered, and is not served here.`;

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
  if (uploaded.inspection.format === "pickle") return pickleSentence(uploaded.inspection.verdict);
  const { inputs, outputs } = uploaded.signature;
  const fits = `The file is read: ${formatCount(inputs.length, "input")} and ${formatCount(outputs.length, "output")}.`;
  return contractSentence(uploaded, read, fits);
}

function contractSentence(
  uploaded: NonNullable<RegisterDraft["uploaded"]>,
  read: ReadContract | null,
  fits: string,
): string {
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
  if (uploaded.inspection.format === "pmml") return `${fits} The contract is the one the document states.`;
  if (uploaded.sampleSummary === null)
    return `${fits} Without sample rows the contract has no limits yet.`;
  return (read?.checks.size ?? 0) === 0
    ? `${fits} No column of your sample has the name of a field, so the contract has no limits yet.`
    : `${fits} Every rule of the contract lets at least 99\u00a0% of your sample pass.`;
}
