import { servingFit } from "./serving-fit.ts";
import type { FindingSeverity } from "./types.ts";

/** The kind under which a signed acceptance of a pickle's risk stands among the facts about a version. */
export const RISK_ACCEPTANCE = "pickle_risk_acceptance";

export type ServingGround = {
  readonly format: string;
  /** Of the newest reading of the bytes. */
  readonly findings: readonly { readonly code: string; readonly severity: FindingSeverity }[];
  /** The server of others that it was put on; null when on none. */
  readonly target: { readonly name: string; readonly isIsolated: boolean } | null;
  /** The newest acceptance that was signed for this very digest; null when there is none. */
  readonly acceptance: { readonly codes: readonly string[]; readonly untilMs: number } | null;
  readonly nowMs: number;
};

export type ServingDecision =
  | { readonly isServed: true; readonly by: "runtime" | "target" }
  | { readonly isServed: false; readonly reason: string; readonly hint: string };

const no = (reason: string, hint: string): ServingDecision => ({ isServed: false, reason, hint });
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Codes that somebody who accepts the risk must have seen: everything that asks for a look. */
export const codesToAccept = (findings: ServingGround["findings"]): string[] =>
  [...new Set(findings.filter(({ severity }) => severity === "warn").map(({ code }) => code))].sort();

/** A pickle runs code where it is loaded, so where and under whose name is part of the question; anything it would run by itself is never accepted. */
function pickleOn(target: NonNullable<ServingGround["target"]>, { findings, acceptance, nowMs }: ServingGround): ServingDecision {
  const blocking = findings.find(({ severity }) => severity === "block");
  if (blocking !== undefined) return no(`The file was found to be dangerous (${blocking.code}). No acceptance covers that.`, "Export the model anew from trusted code.");
  if (!target.isIsolated) {
    return no(`A pickle runs code when it is loaded, and ${target.name} is not declared as isolated.`, "Register the version anew and put it on a target that is: in a container of its own, without credentials and without a way to other systems.");
  }
  const sign = "A validator, compliance reviewer or ML lead who did not make the version signs the acceptance on its page.";
  if (acceptance === null) return no("A pickle runs code when it is loaded, and nobody has signed that this risk is accepted.", sign);
  if (acceptance.untilMs <= nowMs) return no(`The acceptance of this pickle's risk ran out on ${day(acceptance.untilMs)}.`, sign);
  const unseen = codesToAccept(findings).filter((code) => !acceptance.codes.includes(code));
  if (unseen.length > 0) return no(`The file was read again since its risk was accepted, and ${unseen.join(", ")} is new.`, sign);
  return { isServed: true, by: "target" };
}

/**
 * Whether a version may answer requests: in the bundled runtime, or on a server of others that it was put on. A pickle only on an isolated one,
 * with a signed acceptance of its risk that covers what the newest reading found.
 */
export function servingDecision(ground: ServingGround): ServingDecision {
  const fit = servingFit(ground.format);
  if (fit.isServed) return { isServed: true, by: ground.target === null ? "runtime" : "target" };
  if (ground.target === null) return no(fit.reason, fit.hint);
  return ground.format === "pickle" ? pickleOn(ground.target, ground) : { isServed: true, by: "target" };
}
