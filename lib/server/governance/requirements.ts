import { findItem } from "#lib/domain/governance/checklist/items.ts";
import { findKind } from "#lib/domain/governance/evidence/kinds.ts";
import { AppError } from "#lib/domain/errors.ts";

/**
 * Facts that registering and the sandbox leave behind as they are, beside the kinds of the catalogue: what was read, profiled, measured and
 * sent, in the words of the engineer. A policy may still ask for one of them by name.
 */
const SOURCE_FACTS: Readonly<Record<string, { readonly title: string; readonly howTo: string }>> = {
  artifact_inspected: { title: "Artifact read and scanned", howTo: "Made when a version is registered." },
  contract_sealed: { title: "Input contract sealed", howTo: "Made when a version is registered." },
  load_profile: { title: "Load profile", howTo: "A runtime makes it within seconds of registering." },
  golden_replay: { title: "Golden answers repeated", howTo: "A runtime replays them within seconds of registering." },
  held_out_evaluation: { title: "Evaluation on held-out data", howTo: "Run an evaluation on the version's page, or send evaluation.json with the version." },
  pickle_risk_acceptance: { title: "Risk of a pickle accepted", howTo: "Signed on the version's page by somebody who did not make it." },
  model_card: { title: "Model card", howTo: "Send card.md with the version." },
  smoke_test: { title: "Preview smoke test", howTo: "Made by a blue-green release before its switch." },
};

export const findSourceFact = (kind: string) => (Object.hasOwn(SOURCE_FACTS, kind) ? (SOURCE_FACTS[kind] ?? null) : null);

/** What a kind of evidence is called on the screen; its own id when this version of Slipway does not know it. */
export const kindTitle = (kind: string): string => findSourceFact(kind)?.title ?? findKind(kind)?.label ?? kind;

/** What an item or a kind is called where an environment asks for it. */
export const requirementTitle = (requirement: string): string => findItem(requirement)?.title ?? kindTitle(requirement);

/** Refuses names that are neither an item nor a kind of evidence. */
export function requireKnown(requirements: readonly string[], pointer: string): void {
  const unknown = requirements.find((name) => findItem(name) === null && findKind(name) === null && findSourceFact(name) === null);
  if (unknown === undefined) return;
  throw new AppError("invalid_input", `${unknown} is neither an item of the checklist nor a kind of evidence.`, {
    hint: "Items are PRE-1 to GOV-3 and EXT-1 to EXT-10; kinds are listed by GET /api/v1/evidence/kinds.",
    errors: [{ pointer, message: "There is no such requirement." }],
  });
}
