import { RISK_ACCEPTANCE, servingDecision, type ServingDecision } from "#lib/domain/artifact/serving-decision.ts";
import { NEWEST_CATALOGUE, findCatalogue } from "#lib/domain/governance/catalogue/catalogues.ts";
import type { Catalogue } from "#lib/domain/governance/catalogue/types.ts";
import type { WaiverInForce } from "#lib/domain/governance/checklist/derive-item.ts";
import { isMadeByRelease } from "#lib/domain/governance/checklist/gates.ts";
import type { Fact, Standing, Subject } from "#lib/domain/governance/evidence/standing.ts";
import type { SystemProfile } from "#lib/domain/governance/frameworks/applicability.ts";
import { deriveControl, type ControlDecision, type DerivedControl } from "#lib/domain/governance/frameworks/derive-control.ts";
import { classify } from "#lib/domain/governance/frameworks/profile.ts";
import { toFact, type WaiverRecord } from "../db/evidence-repository.ts";
import type { ClassificationRecord, DecisionOnControl } from "../db/governance-repository.ts";
import type { ModelRecord, VersionRecord } from "../db/model-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { endpointSubject, environmentSubject, modelSubject, organisationSubject, releaseSubject, versionSubject } from "./subjects.ts";

/** What reads and commands alike can be asked for. */
type Needed = "evidence" | "governance" | "install" | "models" | "scans";
export type GroundReader = Pick<UnitOfWork, Needed> | Pick<ReadModels, Needed>;

/** All that items and controls of one version are derived from. */
export type Grounds = {
  readonly facts: readonly Fact[];
  readonly subjects: readonly Subject[];
  readonly waivers: readonly WaiverInForce[];
  readonly classification: ClassificationRecord | null;
  readonly profile: SystemProfile | null;
  readonly decisions: readonly ControlDecision[];
  readonly catalogue: Catalogue;
  /** Whether and by what the version may be served; null where no version is asked about. */
  readonly serving: ServingDecision | null;
  readonly nowMs: number;
};

export type About = {
  readonly model: ModelRecord;
  readonly version: Pick<VersionRecord, "id" | "digest"> | null;
  readonly endpointIds: readonly string[];
  readonly environmentId: string | null;
  readonly release: ReleaseRecord | null;
};

export const waiverInForce = ({ requirement, reason, signedName, expiresAt }: WaiverRecord): WaiverInForce => ({ requirement, reason, signedName, untilMs: expiresAt.getTime() });

export const decisionInForce = ({ signedAt, expiresAt, ...decision }: DecisionOnControl): ControlDecision => ({ ...decision, signedAtMs: signedAt.getTime(), untilMs: expiresAt.getTime() });

export function profileOf(model: ModelRecord, classification: ClassificationRecord | null, nowMs: number): SystemProfile | null {
  if (classification === null) return null;
  const facts = { jurisdictions: model.jurisdictions, sector: model.sector, riskTier: model.riskTier };
  return { answers: classification.answers, facts, classification: classify(classification.answers, facts, nowMs) };
}

/** The catalogue in force: the chosen one, else the newest that is shipped. */
export async function catalogueInForce(db: GroundReader): Promise<Catalogue> {
  const [chosen] = await db.governance.catalogueChoices(1);
  return (chosen === undefined ? null : findCatalogue(chosen.version)) ?? NEWEST_CATALOGUE;
}

async function catalogueFor(db: GroundReader, release: ReleaseRecord | null): Promise<Catalogue> {
  const pinned = release === null ? null : await db.governance.pinnedCatalogue(release.release.id);
  return (pinned === null ? null : findCatalogue(pinned.version)) ?? (await catalogueInForce(db));
}

export async function subjectsOf(db: GroundReader, about: About): Promise<Subject[]> {
  const install = await db.install.findInstall();
  return [
    ...(about.version === null ? [] : [versionSubject(about.version)]),
    modelSubject(about.model),
    ...about.endpointIds.map(endpointSubject),
    ...(about.environmentId === null ? [] : [environmentSubject(about.environmentId)]),
    ...(about.release === null ? [] : [releaseSubject(about.release)]),
    ...(install === null ? [] : [organisationSubject(install.installId)]),
  ];
}

/** Whether a version may answer requests, by what stands about it now. */
export async function servingOf(db: GroundReader, version: Pick<VersionRecord, "id" | "digest">, facts: readonly Fact[], nowMs: number): Promise<ServingDecision> {
  const [newest] = facts
    .filter(({ kind, subjectId, subjectDigest, verdict }) => kind === RISK_ACCEPTANCE && subjectId === version.id && subjectDigest === version.digest && verdict === "passed")
    .sort((a, b) => b.producedAtMs - a.producedAtMs);
  const codes = newest?.details["codes"];
  const acceptance = newest === undefined ? null : { codes: Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : [], untilMs: newest.expiresAtMs ?? 0 };
  return servingDecision({ ...(await db.scans.servingFactsOf(version.id)), acceptance, nowMs });
}

/** Facts about the version, its model, where it runs and the organisation; waivers of the environment; what people decided. */
export async function loadGrounds(db: GroundReader, about: About, now: Date): Promise<Grounds> {
  const subjects = await subjectsOf(db, about);
  const nowMs = now.getTime();
  const classification = await db.governance.classificationInForce(about.model.id);
  const facts = (await db.evidence.newestAbout(subjects.map(({ id }) => id))).map(toFact);
  return {
    subjects,
    facts,
    waivers: about.environmentId === null ? [] : (await db.evidence.waiversInForce(about.environmentId, now)).map(waiverInForce),
    classification,
    profile: profileOf(about.model, classification, nowMs),
    decisions: (await db.governance.controlDecisions(about.model.id, now)).map(decisionInForce),
    catalogue: await catalogueFor(db, about.release),
    serving: about.version === null ? null : await servingOf(db, about.version, facts, nowMs),
    nowMs,
  };
}

/** The grounds of one release: its candidate, the endpoint it goes to, and what was pinned when it was made. */
export async function groundsOfRelease(db: GroundReader, record: ReleaseRecord, now: Date): Promise<Grounds> {
  const { release } = record;
  return loadGrounds(
    db,
    {
      model: await db.models.getModel(record.modelName),
      version: { id: release.candidateVersionId, digest: record.candidateDigest },
      endpointIds: [release.endpointId],
      environmentId: record.environmentId,
      release: record,
    },
    now,
  );
}

/** Every control of the catalogue for this system; empty while nobody has classified it. */
export function controlsOf(grounds: Grounds): DerivedControl[] {
  const { profile } = grounds;
  if (profile === null) return [];
  const known = new Map<string, Standing>();
  return grounds.catalogue.controls.map((control) => deriveControl(control, { ...grounds, profile, known }));
}

/** Duties of law that bind now and are open for want of evidence that can be there before the release itself; null when unclassified. */
export function lawOpen(grounds: Grounds): string[] | null {
  if (grounds.profile === null) return null;
  return controlsOf(grounds).flatMap(({ control, state, standings }) => {
    if (control.bindingness !== "law" || (state !== "failed" && state !== "missing" && state !== "stale")) return [];
    const isOpen = standings.some((one) => one.state !== "met" && !isMadeByRelease(one.kind));
    return isOpen ? [control.citation] : [];
  });
}
