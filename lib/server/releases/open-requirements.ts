import type { EnvironmentPolicy, EvidenceKind } from "#lib/contracts/environment-policy.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import type { EvidenceRecord, WaiverRecord } from "../db/evidence-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";

/** What each kind of evidence is called on the screen, and how it comes about. */
export const EVIDENCE_LABELS: Readonly<Record<EvidenceKind, { readonly title: string; readonly howTo: string }>> = {
  artifact_inspected: { title: "Artifact read and scanned", howTo: "Made when a version is registered." },
  contract_sealed: { title: "Input contract sealed", howTo: "Made when a version is registered." },
  load_profile: { title: "Load profile", howTo: "A runtime makes it within seconds of registering." },
  golden_replay: { title: "Golden answers repeated", howTo: "A runtime replays them within seconds of registering." },
  held_out_evaluation: { title: "Evaluation on held-out data", howTo: "Send evaluation.json with the version." },
  model_card: { title: "Model card", howTo: "Send card.md with the version." },
  smoke_test: { title: "Preview smoke test", howTo: "Made by a blue-green release before its switch." },
  rollback_drill: { title: "Rollback rehearsed", howTo: "Roll back a release of it in staging." },
};

export type RequirementState = "met" | "open" | "failed" | "stale" | "waived";

export type Requirement = {
  readonly kind: EvidenceKind;
  readonly title: string;
  readonly state: RequirementState;
  readonly note: string;
  readonly evidenceId: string | null;
};

function requirement(
  kind: EvidenceKind,
  evidence: readonly EvidenceRecord[],
  waivers: readonly WaiverRecord[],
  now: Date,
): Requirement {
  const { title, howTo } = EVIDENCE_LABELS[kind];
  // Newest first: the last word on a kind is the one that counts.
  const newest = evidence.find((fact) => fact.kind === kind);
  const waiver = waivers.find((signed) => signed.requirement === kind);
  const at = (state: RequirementState, note: string): Requirement => ({ kind, title, state, note, evidenceId: newest?.id ?? null });
  if (newest?.verdict === "failed") return at("failed", newest.summary);
  if (newest && (newest.expiresAt === null || newest.expiresAt > now)) return at("met", newest.summary);
  if (waiver) return at("waived", `Waived until ${waiver.expiresAt.toISOString().slice(0, 10)}: ${waiver.reason}`);
  return newest ? at("stale", `${newest.summary} It has expired.`) : at("open", `${title} is missing. ${howTo}`);
}

/** What the environment asks of a version and what there is, in the policy's order. Derived each time; nothing stores a tick. */
export function requirementsOf(
  policy: EnvironmentPolicy,
  evidence: readonly EvidenceRecord[],
  waivers: readonly WaiverRecord[],
  now: Date,
): Requirement[] {
  return policy.requiredEvidence.map((kind) => requirement(kind, evidence, waivers, now));
}

/** Sentences that say what still stops this version from being live in the environment; empty when nothing does. */
export function openRequirements(
  version: Pick<VersionRecord, "state" | "name" | "format">,
  policy: EnvironmentPolicy,
  evidence: readonly EvidenceRecord[],
  waivers: readonly WaiverRecord[],
  now: Date,
): string[] {
  const open = requirementsOf(policy, evidence, waivers, now)
    .filter(({ state }) => state !== "met" && state !== "waived")
    .map(({ note }) => note);
  const fit = servingFit(version.format);
  if (!fit.isServed) return [`${fit.reason} ${fit.hint}`, ...open];
  if (version.state === "quarantined") return [`Version ${version.name} is quarantined.`, ...open];
  if (version.state === "failed" && open.length === 0) return [`Version ${version.name} failed in the sandbox.`];
  return open;
}
