import type { EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import type { EndpointPattern } from "#lib/contracts/registry-api.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { deriveItem, type WaiverInForce } from "#lib/domain/governance/checklist/derive-item.ts";
import { blocksAt, type Moment } from "#lib/domain/governance/checklist/gates.ts";
import { findItem, type ChecklistPhase } from "#lib/domain/governance/checklist/items.ts";
import { findKind } from "#lib/domain/governance/evidence/kinds.ts";
import { standing, type Fact } from "#lib/domain/governance/evidence/standing.ts";
import { type Grounds, lawOpen } from "../governance/load-grounds.ts";
import { findSourceFact, kindTitle } from "../governance/requirements.ts";
import type { VersionRecord } from "../db/model-repository.ts";

export type RequirementState = "met" | "open" | "failed" | "stale" | "waived" | "not_applicable";

export type Requirement = {
  /** Code of an item, or id of a kind. */
  readonly kind: string;
  readonly phase: ChecklistPhase | "Asked for by this environment";
  readonly title: string;
  readonly state: RequirementState;
  readonly note: string;
  readonly evidenceIds: readonly string[];
  /** Whether it blocks at the moment asked about. */
  readonly blocks: boolean;
};

type Derived = Pick<Requirement, "state" | "note" | "evidenceIds">;
const waivedNote = ({ untilMs, signedName, reason }: WaiverInForce): string => `Waived until ${new Date(untilMs).toISOString().slice(0, 10)} by ${signedName}: ${reason}`;

/** A fact of the registry or the sandbox asked for by name: the newest decides. */
function sourceFact(kind: string, { facts, waivers, nowMs }: Grounds): Derived {
  const [newest] = facts.filter((fact) => fact.kind === kind).sort((a: Fact, b: Fact) => b.producedAtMs - a.producedAtMs);
  const waiver = waivers.find((signed) => signed.requirement === kind);
  const evidenceIds = newest === undefined ? [] : [newest.id];
  if (newest?.verdict === "failed") return { state: "failed", note: newest.summary, evidenceIds };
  if (newest && (newest.expiresAtMs === null || newest.expiresAtMs > nowMs)) return { state: "met", note: newest.summary, evidenceIds };
  if (waiver) return { state: "waived", note: waivedNote(waiver), evidenceIds };
  const howTo = findSourceFact(kind)?.howTo ?? "";
  return newest
    ? { state: "stale", note: `${newest.summary} It has expired.`, evidenceIds }
    : { state: "open", note: `${kindTitle(kind)} is missing. ${howTo}`.trim(), evidenceIds };
}

function catalogueKind(kind: string, grounds: Grounds): Derived {
  const info = findKind(kind);
  if (info === null) return sourceFact(kind, grounds);
  const found = standing(info, grounds.facts, grounds.subjects, grounds.nowMs);
  const waiver = grounds.waivers.find(({ requirement }) => requirement === kind);
  const evidenceIds = found.fact === null ? [] : [found.fact.id];
  if (found.state !== "met" && found.state !== "failed" && waiver !== undefined) return { state: "waived", note: waivedNote(waiver), evidenceIds };
  return { state: found.state === "missing" ? "open" : found.state, note: found.note, evidenceIds };
}

function requirementOf(name: string, grounds: Grounds, law: readonly string[] | null, moment: Moment): Requirement {
  const item = findItem(name);
  if (item === null) {
    return { kind: name, phase: "Asked for by this environment", title: kindTitle(name), blocks: true, ...catalogueKind(name, grounds) };
  }
  const { state, note, standings } = deriveItem(item, { ...grounds, lawOpen: law });
  return {
    kind: item.code,
    phase: item.phase,
    title: item.title,
    state,
    note,
    evidenceIds: standings.flatMap(({ fact }) => (fact === null ? [] : [fact.id])),
    blocks: blocksAt(item.gate, moment),
  };
}

/** What the environment asks for and how it stands, in the policy's order. Derived each time; nothing stores a tick. */
export function requirementsOf(policy: EnvironmentPolicy, grounds: Grounds, moment: Moment = "first_weight"): Requirement[] {
  const law = policy.requiredEvidence.some((name) => findItem(name)?.asksLaw === true) ? lawOpen(grounds) : null;
  // A change plan decides by itself: where a model has one, no release goes past it, whatever the policy lists.
  const planned = grounds.facts.some(({ kind, subjectType }) => kind === CHANGE_PLAN && subjectType === "release") && !policy.requiredEvidence.includes(CHANGE_PLAN);
  return [...policy.requiredEvidence, ...(planned ? [CHANGE_PLAN] : [])].map((name) => requirementOf(name, grounds, law, moment));
}

const CHANGE_PLAN = "pccp_within_envelope";

const isOpen = ({ state, blocks }: Requirement): boolean => blocks && (state === "open" || state === "failed" || state === "stale");
const sentence = ({ kind, title, note }: Requirement): string => (findItem(kind) === null ? note : `${kind} ${title}: ${note}`);

/** Sentences that say what stops this version at this moment, each with what by; empty when nothing does. */
export function openRequirements(
  version: Pick<VersionRecord, "state" | "name" | "format">,
  policy: EnvironmentPolicy,
  grounds: Grounds,
  moment: Moment,
  pattern: EndpointPattern = "online",
): string[] {
  const open = requirementsOf(policy, grounds, moment).filter(isOpen).map(sentence);
  // Batch jobs and devices run our own runtime whatever server answers requests.
  const serving = pattern !== "online" ? servingFit(version.format) : (grounds.serving ?? servingFit(version.format));
  if (!serving.isServed) return [`${serving.reason} ${serving.hint}`, ...open];
  if (version.state === "quarantined") return [`Version ${version.name} is quarantined.`, ...open];
  if (version.state === "failed" && open.length === 0) return [`Version ${version.name} failed in the sandbox.`];
  return open;
}
